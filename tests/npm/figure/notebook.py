"""Prints the page that nbconvert makes of a notebook whose cells show the figure of a site: `notebook.py SITE inline|linked`.

The element's script is in the output, as python/examples/speculative.ipynb has it, or a link to it is.
"""

import sys
from urllib.request import urlopen

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

site, kind = sys.argv[1:]
script = f'<script src="{site}embed-element.js"></script>'
if kind == "inline":
    with urlopen(f"{site}embed-element.js", timeout=10) as answer:
        script = f"<script>{answer.read().decode()}</script>"
figure = f'<speculative-figure src="{site}" name="crescent" state="2.50-redraw" lang="en"></speculative-figure>'
FIGURE = f"""
from IPython.display import HTML, display

display(HTML({script + figure!r}))
"""
# what reads the figure and changes it is the output of another cell
HOST = '''
HTML("""<output></output>
<button id="german">German</button> <button id="other">another figure</button> <button id="remove">remove</button>
<script>{
  const figure = document.querySelector('speculative-figure');
  const said = document.querySelector('output');
  figure.addEventListener('change', ({ detail }) => { said.textContent = detail.state; });
  const on = (id, listener) => document.getElementById(id).addEventListener('click', listener);
  on('german', () => {
    figure.setAttribute('lang', 'de');
    figure.setAttribute('state', said.textContent);
  });
  on('other', () => {
    figure.setAttribute('name', 'bell');
    figure.removeAttribute('state');
  });
  on('remove', () => figure.closest('.jp-OutputArea-output').remove());
}</script>""")
'''

book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (FIGURE, HOST)])
NotebookClient(book, timeout=120, kernel_name="python3").execute()
sys.stdout.write(HTMLExporter().from_notebook_node(book)[0])
