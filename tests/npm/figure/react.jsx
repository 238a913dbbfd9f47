// The figure in React: what it says is state, and state is what it is given.
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import 'speculative-diffusion/figure';

const src = new URLSearchParams(location.search).get('site');

function Host() {
  const [shown, setShown] = useState(true);
  const [lang, setLang] = useState('en');
  const [figure, setFigure] = useState({ name: 'crescent', state: '2.50-redraw' });
  return (
    <>
      <button id="german" onClick={() => setLang('de')}>German</button>
      <button id="other" onClick={() => setFigure({ name: 'bell' })}>another figure</button>
      <button id="remove" onClick={() => setShown(false)}>remove</button>
      <output>{figure.state}</output>
      {shown && <speculative-figure src={src} lang={lang} {...figure} onchange={({ detail: { state } }) => setFigure((now) => ({ ...now, state }))} />}
    </>
  );
}

createRoot(document.getElementById('root')).render(<StrictMode><Host /></StrictMode>);
