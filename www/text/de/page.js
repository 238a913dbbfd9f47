// @ts-check
/** Was auf Deutsch in der Seite steht, wo im HTML Englisch steht: Inhalt und Attribute, nach Selektor. `node xtask/pages.mjs` macht daraus die deutsche Seite. */

export const article = {
  html: {
    title: 'Spekulatives Sampling für Diffusionsmodelle',
    '.skip': 'Zur Abbildung springen',
    '.brand a': 'Spekulative Diffusion',
    '.contents-name': 'Inhalt',
    '.contents ol': `
      <li><a href="#race">Das Rennen</a></li>
      <li><a href="#controls">Selbst ausprobieren</a></li>
      <li><a href="#how">Wie es geht</a></li>
      <li><a href="#bell">Eine Glocke</a></li>
      <li><a href="#crescent">Die Sichel</a></li>
      <li><a href="#world">Eine flache Welt</a></li>
      <li><a href="#formulas">Formeln</a></li>
      <li><a href="#microscope">Mikroskop</a></li>
      <li><a href="#stairs">Warum schnell</a></li>
      <li><a href="#evidence">Nachrechnen</a></li>
      <li><a href="#gallery">Weniger Schritte?</a></li>
      <li><a href="#pay">Lohnt es sich?</a></li>
      <li><a href="#policy">Eine Hand</a></li>
      <li><a href="#use">Selbst verwenden</a></li>
      <li><a href="#teach">Für die Vorlesung</a></li>
      <li><a href="#credits">Quellen</a></li>
    `,
    '#language': 'English',
    '#help-open': 'Tastatur',
    '#theme': 'Farben: auto',
    h1: 'Vorausraten, einmal prüfen, exakt&nbsp;bleiben',
    '.promise': `Ein Diffusionsmodell wartet bei jedem Schritt auf sein Netz. Hier werden mehrere Schritte geraten und in einem
      <button type="button" class="term" popovertarget="term-call">Aufruf</button> geprüft; ein falscher wird so berichtigt, dass die Verteilung dieselbe bleibt.`,
    '.byline': `<a class="surprise" href="#stairs=1000">Eine aufgezeichnete Kette von <b data-fact="steps"></b> Schritten brauchte <b data-fact="calls"></b> Aufrufe.</a>
      <span>nach <a href="https://arxiv.org/abs/2501.05370">De Bortoli et al., ICML 2025</a></span>
      <a href="#use">Bibliothek</a> <a data-repository="" hidden>Quelltext</a> <span>etwa 15 Minuten</span>`,

    '#blocked': `Die Dateien dieser Seite werden ihr vorenthalten, vom Rahmen oder vom Server, in dem sie steht, daher
      funktioniert hier nichts. Bitte in einem eigenen Fenster öffnen: <a href="./de.html" target="_blank">Spekulatives Sampling für Diffusionsmodelle</a>.`,

    '#race-title': 'Das Rennen',
    '#badge': 'aufgezeichneter Lauf wird geladen',
    '#play-word': 'Start',
    '#new-seed': 'Neuer Seed',
    '#axis legend': 'Gemeinsame Achse',
    '.speed': 'Tempo <select id="speed"></select>',
    '#race .legend': `
      <span><i class="key key-accepted"></i>angenommen</span>
      <span><i class="key key-rejected">✕</i>abgelehnt, ersetzt</span>
      <span><i class="key key-discarded"></i>entworfen, verworfen</span>
      <span><i class="key key-deterministic"></i>letzter Schritt, ohne Test</span>
      <span><i class="key key-round"></i>eine Runde</span>`,
    '#race > figcaption .lead': `Zwei Sampler zeichnen <strong>dasselbe</strong> Bild. Der Standard-Sampler ruft das Netz für jeden Schritt
      einmal auf. Der spekulative <button type="button" class="term" popovertarget="term-draft">entwirft</button> ein <button type="button" class="term" popovertarget="term-window">Fenster</button> von Schritten und prüft es in einem Aufruf.`,
    '#race > figcaption details p': `Das Rauschen ist beiden
      gemeinsam, damit man sie vergleichen kann: Der Standard-Sampler bekommt genau das Rauschen, das der
      spekulative Lauf am Ende verwendet hat. Dass die Bilder übereinstimmen, ist deshalb kein Beleg dafür, dass das Verfahren exakt ist;
      <a href="#evidence">das prüft eine eigene Abbildung</a>. Die beiden Läufe wurden nacheinander gerechnet und werden
      nebeneinander abgespielt. Der letzte Schritt fügt kein Rauschen hinzu, daher gibt es dort nichts zu testen. In der Ecke jedes Bilds steht, was das Netz entrauscht daraus schätzt.`,
    'figcaption summary': 'Einzelheiten',

    '#controls-title': 'Selbst ausprobieren',
    '#engine-badge': 'Engine noch nicht geladen',
    '#run': 'Live starten',
    '#measure': 'Schnellste Einstellungen suchen',
    '#hold': 'Anhalten',
    '#cancel': 'Abbrechen',
    '#share': 'Link kopieren',
    '#export-json': 'JSON speichern',
    '#export-csv': 'CSV speichern',
    '#import': 'Gespeicherten Lauf laden',
    '#more > summary': 'Weitere Einstellungen',
    '#more details summary': 'Was die Einstellungen bedeuten',

    '#how-title': 'Wie es geht',
    '#how .analogy': `Das ist <strong>spekulatives Decoding</strong>, wie man es von Sprachmodellen kennt, für Diffusion: Ein
      billiger Drafter schlägt mehrere Schritte vor, das <button type="button" class="term" popovertarget="term-target">Ziel</button> prüft sie alle in einem Aufruf, und jeder wird mit einer
      Wahrscheinlichkeit angenommen, bei der die Verteilung des Ziels erhalten bleibt. Zweierlei ist anders: Einen abgelehnten
      Entwurf ersetzt nicht eine Stichprobe aus einer Restverteilung, sondern seine eigene <em>Spiegelung</em>, und es gibt kein
      Bonus-Token; ein Fenster, das ganz angenommen wird, endet also mit seinem letzten Entwurf.`,
    '#how .chain': `Der Sampler ist eine Kette aus <var>K</var> verrauschten Schritten. Aus dem Zustand <var>y<sub>k</sub></var> schätzt das Netz, wohin es weitergeht, und der Schritt fügt frisches Rauschen hinzu: Der nächste Zustand ist normalverteilt um
      einen Mittelwert, der vom Netz abhängt, mit einer Streuung <var>s<sub>k</sub></var>, die es nicht tut. Wegen dieses Rauschens lässt sich ein Zustand, der um einen etwas anderen Mittelwert gezogen wurde, dennoch
      unverändert verwenden, mit einer Wahrscheinlichkeit, die sich berechnen lässt.`,
    '#how .steps': `
      <li><h3>Entwerfen</h3><p>Bis zu <var>L</var> Schritte nacheinander entwerfen, mit Schätzungen, die aus früheren Aufrufen bekannt sind. Das
        braucht je Schritt ein paar Additionen und keinen Aufruf des Netzes. Der voreingestellte Entwurf, <em>secant</em>, berücksichtigt außerdem,
        wie sich jede Schätzung mit ihrem Zustand ändert, nach dem, was frühere Aufrufe gezeigt haben.</p></li>
      <li><h3>Prüfen</h3><p>Das Netz an allen entworfenen Zuständen in einem gemeinsamen Aufruf auswerten, mit je einer <button type="button" class="term" popovertarget="term-evaluation">Auswertung</button>. Jeder
        Schritt hat nun zwei Mittelwerte, <var>p</var> vom Entwurf und <var>q</var> vom Ziel, und die <button type="button" class="term" popovertarget="term-gap">Lücke</button> dazwischen, |<var>D</var>| = |<var>p</var> − <var>q</var>| ∕ <var>s</var>, entscheidet, mit welcher Wahrscheinlichkeit der
        Entwurf angenommen wird.</p></li>
      <li><h3>Annehmen oder ablehnen</h3><p>Das Fenster vom ersten Schritt an testen. Ein Entwurf wird mit der Wahrscheinlichkeit
        2Φ(−|<var>D</var>| ∕ 2) angenommen, dem gemeinsamen Anteil der beiden Normalverteilungen; öfter kann kein Test eines einzelnen Schritts
        annehmen. An die Stelle des ersten abgelehnten Entwurfs tritt seine Spiegelung, sodass jeder <button type="button" class="term" popovertarget="term-commit">übernommene</button> Schritt genau die
        Verteilung des Ziels hat. Was danach entworfen wurde, wird verworfen, und dort beginnt die nächste <button type="button" class="term" popovertarget="term-round">Runde</button>. Bei einer Ablehnung geht der Schritt selbst nicht
        verloren, denn die Spiegelung tritt an seine Stelle. Sie kostet die Entwürfe danach: Diese wurden vergeblich ausgewertet,
        und die nächste Runde entwirft dieselben Schritte noch einmal. Die Kopplung ist die Reflexionskopplung von Bou-Rabee, Eberle
        und Zimmer (2020); <a href="#formulas">die Formeln</a> stehen weiter unten.</p>
        <p class="peak-test">Fenster ab zwölf Schritten werden, wenn nichts anderes gewählt ist, als Ganzes beurteilt, mit dem
        <em>peak-Test</em>: Der Logarithmus von Ziel durch Entwurf wird entlang des Fensters summiert, die Entwürfe bleiben bis zum
        höchsten Punkt dieses Pfads, und von dort geht das Ziel weiter. Bis zu seinem höchsten Punkt hat ein Pfad des Entwurfs genau
        die Verteilung eines Pfads des Ziels (Pfadzerlegung von Williams, 1974); der Test stammt aus diesem Projekt und hält mit
        derselben Verteilung an wie die blockweise Prüfung von Tokens (Sun et al., 2024).</p></li>`,

    '.peak-axis': 'Log-Likelihood-Verhältnis, summiert',
    '.peak-word': 'der Gipfel: bis hierher behalten',
    '.peak-drawn': 'nach dem Gipfel: verworfen',
    '.peak-steps': 'Schritte des Fensters',

    '#bell-title': 'Ein Schritt ist eine Glocke',
    '#bell > .lead': `Das Netz liefert nur den Mittelwert eines Schritts; den Rest besorgt das Rauschen. Die durchgezogene Glocke lässt sich ziehen: Was sie mit der gestrichelten, dem Entwurf, gemeinsam hat, gibt an, wie oft ein aus dem Entwurf gezogener Zustand bleiben kann.`,
    '#bell > figcaption p': `Ein Schritt der Kette, entlang einer Richtung gesehen und in Einheiten des Rauschens gemessen, das der
      Schritt hinzufügt. <strong>Die durchgezogene Glocke lässt sich ziehen</strong>, auch mit dem Regler: Ein Aufruf des Netzes
      wird nur für ihren Mittelwert gebraucht. Die gestrichelte Glocke gehört zu einem <strong>Entwurf</strong>, dessen Mittelwert ohne
      Aufruf bekannt war. Der Anteil, den beide Glocken gemeinsam haben, gibt an, wie oft ein Zustand verwendet werden kann, der um
      den Mittelwert des Entwurfs gezogen wurde. Die nächste Abbildung macht daraus einen Test.`,

    '#crescent-title': 'Die Sichel umklappen',
    '#crescent > .lead': `Behalten, was unter das Ziel passt, und spiegeln, was übersteht: Zusammen füllt das die Glocke des Ziels genau aus, wie auch immer der Entwurf war. Die Glocke des Entwurfs lässt sich ziehen, die Sichel umklappen, und es gibt falsche Regeln zum Ausprobieren.`,
    '#crescent > figcaption p': `Entwurf und Ziel fügen dasselbe Rauschen hinzu, daher sind ihre Glocken gleich breit, und die gepunktete
      Linie in der Mitte zwischen den Mittelwerten ist ein Spiegel. Der Sampler wählt zufällig einen Punkt unter der Glocke des
      Entwurfs, auf dem <var>u</var>-Fachen ihrer Höhe. Liegt er unter der Glocke des Ziels, wird der Entwurf
      <strong>angenommen</strong>; liegt er in der Sichel, wird der Entwurf auf die andere Seite <strong>gespiegelt</strong>, wo das Ziel
      noch nicht abgedeckt war. Der überstehende Teil ist so geformt und so groß wie der nicht abgedeckte, daher füllen angenommene
      und gespiegelte Werte zusammen die Glocke des Ziels genau aus. Das gilt bei jedem Schritt, von welchem Zustand er auch ausgeht,
      daher hat auch das fertige Bild die Verteilung des Standard-Samplers. <strong>Die Glocke des Entwurfs lässt sich ziehen</strong>: Die übernommenen Werte halten sich
      bei <strong>jedem</strong> Entwurf an die Kurve des Ziels; ein schlechter wird nur öfter abgelehnt, und das kostet Zeit. In
      vielen Dimensionen wird nur der Anteil entlang der Linie zwischen den Mittelwerten gespiegelt. Die Bereiche hinter ± sind
      drei Standardfehler.`,

    '#microscope-title': 'Eine Runde unter dem Mikroskop',
    '#rounds-of': `<legend>Zeigen</legend>
        <label><input type="radio" name="rounds-of" value="example" checked><span>Aufzeichnung, L\u00a0=\u00a012</span></label>
        <label><input type="radio" name="rounds-of" value="run"><span>Lauf oben</span></label>`,
    '#microscope > .lead': `Das Fenster einer Runde: Angenommene Entwürfe bleiben, wie sie sind, den ersten abgelehnten ersetzt seine Spiegelung, und was danach entworfen wurde, wird verworfen. Mit der Maus oder den Pfeiltasten zeigt jeder Schritt seinen Test.`,
    '#microscope > figcaption p': `Das Fenster einer Runde. Jeder Rahmen ist ein entworfener Zustand, mit der entrauschten Schätzung des
      Netzes in der Ecke, sobald der Aufruf gemacht ist. Ein durchgezogener Rahmen mit Haken wurde unverändert
      <strong>angenommen</strong>; ein gestrichelter mit Kreuz wurde <strong>abgelehnt</strong>, und was ihn <strong>ersetzt</strong>, steht daneben;
      blasse Rahmen wurden <strong>verworfen</strong>. <em>Erneut</em> steht bei einem Entwurf aus einer Schätzung, die eine frühere Ablehnung überdauert hat. Mit der Maus oder den Pfeiltasten zeigt jeder Schritt seinen Test: Die beiden Glocken sind die von
      Entwurf und Ziel entlang der Linie zwischen ihren Mittelwerten, die gefärbte Überlappung ist die
      Annahmewahrscheinlichkeit.`,

    '#stairs-title': 'Warum es schnell ist: die Treppe',
    '#stairs > .lead': `Zehnmal so viele Schritte brauchen weit weniger als zehnmal so viele Aufrufe. Jede Stufe ist eine Runde: so breit wie die Schritte, die sie übernimmt, so hoch wie die Aufrufe, die sie macht.`,
    '#stairs > figcaption p': `Jede Stufe ist eine <strong>Runde</strong>: so breit wie die Schritte, die sie übernimmt, so hoch wie die
      Aufrufe, die sie macht (zwei, wenn vor dem ersten Entwurf ein Aufruf gebraucht wird). Eine Runde endet
      beim ersten <strong>abgelehnten</strong> Entwurf, der gespiegelt wird, oder am Ende ihres Fensters. Die Entwürfe nach einer Ablehnung werden <strong>verworfen</strong>, obwohl das Netz sie ausgewertet hat. Der Standard-Sampler macht für jeden Schritt
      einen Aufruf, deshalb verlässt seine Linie das Diagramm. Mit mehr Schritten liegen benachbarte Zustände
      näher beieinander, sodass eine Schätzung, die von einem früheren Schritt bekannt ist, fast stimmt: Die Mittelwerte von Entwurf und
      Ziel nähern sich einander schneller, als das Rauschen eines Schritts abnimmt. |<var>D</var>| sinkt, ein Entwurf wird also seltener
      abgelehnt, und ein Aufruf übernimmt mehr Schritte. Die aufgezeichneten Ketten gehören zu einem Seed; andere Seeds brauchen ein
      paar Aufrufe mehr oder weniger. Ihr Fenster, <var>L</var> = auto/0.02, gilt für ein Gerät, auf dem eine weitere Auswertung
      die Zeit eines Aufrufs um 2 % verlängert. Das Rennen oben verwendet das Fenster, das zur Rechenzeit auf dem eigenen Gerät
      passt. Auf einer CPU ist es kurz, daher braucht das Rennen mehr Aufrufe.`,

    '#evidence-title': 'Nachrechnen statt glauben',
    '#evidence > .lead': `Wenn der Sampler exakt ist, sind die Residuen aller getesteten Schritte standardnormalverteilt. Ob sie es sind, zeigen weitere Läufe, und wie es sonst aussähe, zeigt eine falsche Regel.`,
    '#evidence > figcaption p': `Bei jedem getesteten Schritt übernimmt der Sampler einen Zustand <var>y</var>. Dessen Residuum entlang der
      Lücke ist ⟨(<var>y</var> − <var>q</var>) ∕ <var>s</var>, <var>e</var>⟩: wie weit er vom Mittelwert <var>q</var> des Ziels entfernt
      liegt, in Einheiten des Rauschens <var>s</var>, in der Richtung <var>e</var> von dort zum Mittelwert des Entwurfs. Hat der Schritt
      die Verteilung des Ziels, ist diese Zahl standardnormalverteilt, wie auch immer der Entwurf war. Die
      <strong>angenommenen</strong> allein sind es nicht: Sie wurden um den Mittelwert des Entwurfs gezogen, daher liegen auf der von
      ihm abgewandten Seite zu wenige. Die <strong>gespiegelten</strong> füllen diese Seite auf.`,

    '#gallery-title': 'Warum nicht einfach weniger Schritte?',
    '#gallery > .lead':
      'Mit weniger Schritten, oder mit Schätzungen, die man wiederverwendet, wartet man so kurz wie mit Spekulation, aber nichts hält die Verteilung fest. Hier steht, wie weit sie abweicht.',
    '#gallery > figcaption p': `Je zwei Dutzend Bilder, von einem Netz, keines davon ausgesucht. <em>Schätzungen im Cache</em>:
      Ein Aufruf wird ausgelassen, bis sich die Schätzung um ein Fünftel ihrer Größe geändert hätte, wenn sie sich weiter
      ändert wie zwischen den letzten beiden (nach TeaCache, Liu et al., 2024). Die <strong>Energiedistanz</strong> (Székely
      und Rizzo, 2013) ist 0 zwischen zwei gleichen Verteilungen und sonst positiv. An Stichproben gemessen ist sie auch dort
      positiv, wo sich nichts unterscheidet; deshalb zeigt das Band, was der Zufall ergibt: Für jeden Vergleich werden seine eigenen
      beiden Stichproben zusammengelegt, 500-mal zufällig neu verteilt und wieder gemessen. <var>p</var> ist der Anteil dieser Verteilungen, die
      mindestens so weit auseinander liegen wie die beiden Sampler.`,

    '#pay-title': 'Würde es sich lohnen?',
    '#pay > .lead': `Es lohnt sich, wo eine weitere Auswertung in einem Aufruf viel weniger kostet als ein Aufruf. Das erste Diagramm handelt vom Lauf oben, das zweite von festen Fenstern aufgezeichneter Ketten.`,
    '#pay > figcaption p': `Die Anzahlen sind die des Laufs oben. Die Zeiten nehmen an, dass jede weitere Netzauswertung in einem
      Aufruf dessen Zeit um denselben Anteil der Zeit eines Aufrufs mit einer Auswertung verlängert. Die <strong>Gewinnschwelle</strong> ist die Zahl der gesparten Aufrufe, geteilt durch die Zahl
      der Auswertungen über die erste jedes Aufrufs hinaus; die Marke unter der Achse ist der Preis, der am besten zu den Zeiten des Laufs
      passt. Die Balken sind aus den mittleren Aufrufen und Auswertungen aufgezeichneter Ketten berechnet; <strong>Rauten</strong> sind
      Zeiten, die <em>Schnellste Einstellungen suchen</em> auf diesem Gerät gemessen hat.`,

    '#policy-title': 'Eine Hand, die nicht warten darf',
    '#policy > .lead': `Während ein Sampler wartet, bewegt sich die Welt. Zwei Hände schieben dasselbe T zum selben Ziel, jede nach
      Plänen, die ein Diffusionsmodell zieht; die eine wartet auf hundert Aufrufe nacheinander je Plan, die andere auf etwa acht.`,
    '#policy > figcaption p': `Ein <strong>Plan</strong> ist eine Stichprobe: die Orte der nächsten 16 Befehle der Hand, gezogen von einem
      kleinen Netz, das Hand, T und Ziel sieht (nach <em>Diffusion Policy</em>, Chi et al., 2023). Die Aufrufe werden gezählt, wie
      sie gemacht werden; wie lange ein Aufruf dauert, ist simuliert, und 10 ms sind, was ein größeres Robotiknetz auf einer GPU
      braucht. Das Netz dieser Abbildung ist so klein, dass seine hundert Aufrufe weniger als einen Takt von einer Zehntelsekunde
      dauern. Zehn deterministische Schritte (DDIM) gelingen bei dieser Aufgabe ebenso oft; nicht die Exaktheit bringt das T ans
      Ziel. Mit einem alten Plan weiterzumachen ist der schlichteste asynchrone Regler; es gibt solche, die von der Verzögerung
      wissen.`,
    '#world-title': 'Eine flache Welt',
    '#world > .lead': `In zwei Dimensionen lassen sich jeder Entwurf, jedes Urteil und jede Spiegelung dort zeichnen, wo sie geschehen. Zuerst eine Kette, Runde für Runde; darunter viele Endpunkte beider Sampler, die dieselbe Verteilung haben.`,
    '#world > figcaption p': `Das Ziel ist hier eine Mischung von Normalverteilungen, deren entrauschte Schätzung bekannt ist; ein Netz ist
      nicht beteiligt. Die Tönung ist die Dichte der Zustände beim aktuellen Schritt: anfangs fast normal, am Ende die der
      Daten. Ein abgelehnter Entwurf wird an der Ebene in der Mitte zwischen den Mittelwerten von Entwurf und Ziel
      <strong>gespiegelt</strong>, in zwei Dimensionen an einer Linie; der peak-Test zieht das Ende dieses Schritts neu aus dem Ziel, ebenfalls exakt. In den beiden Feldern darüber ziehen
      beide Sampler viele Endpunkte, und die des spekulativen haben genau die Verteilung derer des Standard-Samplers. Sie liegt nah an der
      der Daten, ist ihr aber nicht gleich: Die Kette macht endlich viele Schritte und endet bei einer entrauschten Schätzung. Nur
      eine als exakt bezeichnete Regel ergibt dieselbe Verteilung: Mit einer falschen ändern sich Gewichte und Breiten der
      Cluster, am stärksten bei wenigen Schritten und langen Fenstern.`,

    '#use-title': 'Selbst verwenden',
    '#use > .lead': 'Die Bibliothek entscheidet, welche Zustände ausgewertet werden; das eigene Modell wertet sie stapelweise aus.',
    '#use .use-when': `
      <p><strong>Wann man es nicht verwendet.</strong> Es spart Warten, nicht Arbeit: Das Netz wird öfter ausgewertet als beim Standard-Sampler. Wo jede Auswertung so viel kostet wie ein eigener Aufruf, etwa auf einem einzelnen CPU-Kern oder einer
        ausgelasteten GPU, ist es langsamer (<a href="#pay">würde es sich lohnen?</a>). Es beschleunigt Sampler mit frischem Rauschen in
        jedem Schritt; deterministische wie DDIM fügen kein Rauschen hinzu, daher lässt sich
        ein Entwurf nicht testen. Und wenn Stichproben einer
        ähnlichen Verteilung genügen, sind weniger Schritte vielleicht die bessere Wahl (<a href="#gallery">was sie ändern</a>).</p>`,
    '#use .use-cite h3': 'Zitieren',
    '#use .note': `Version <span data-fact="version"></span>.
        <a data-repository="" hidden>Quelltext</a> <a data-repository="docs/ARCHITECTURE.md" hidden>Dokumentation</a>
        <a data-repository="npm/" hidden>npm-Paket</a> <a href="./embed.de.html">Eine Abbildung in die eigene Seite einbetten.</a>`,

    '#formulas-title': 'Dasselbe in Formeln',
    '.formulas-lead': `Ein Schritt einer Runde. Nummern von Algorithmen, Propositionen und Gleichungen sind die
      <a href="https://arxiv.org/abs/2501.05370">der Arbeit</a>.`,
    '#f-step': 'Ein Schritt der Kette',
    '#f-step-why': `Das Netz liefert <math><msub><mover accent="true"><mi>x</mi><mo>^</mo></mover><mi>k</mi></msub></math>, seine Schätzung des
      sauberen Bilds; <math><msub><mi>A</mi><mi>k</mi></msub></math>, <math><msub><mi>B</mi><mi>k</mi></msub></math> und <math><msub><mi>s</mi><mi>k</mi></msub></math> liefert der Rauschplan.`,
    '#f-draft': 'Entwurf',
    '#f-draft-why': `Eine Schätzung <math><msub><mi>w</mi><mi>k</mi></msub></math>, die schon bekannt ist, vertritt die des Netzes. Der eingefrorene Entwurf der Arbeit
      (Gleichung 7) behält, was das Netz am ersten Zustand des Fensters sagt.`,
    '#f-target': 'Ziel',
    '#f-target-why': 'Der Mittelwert desselben Schritts vom Netz. Der Aufruf liefert ihn für jeden entworfenen Zustand des Fensters.',
    '#f-gap': 'Lücke',
    '#f-gap-why': 'Der Abstand der Mittelwerte in Einheiten des Rauschens, und seine Richtung.',
    '#f-threshold': 'Schwelle',
    '#f-threshold-why':
      'Der Entwurf wird angenommen, wenn eine gleichverteilte Zahl <math><mi>u</mi></math> höchstens so groß ist wie das Verhältnis der beiden Dichten, Ziel durch Entwurf.',
    '#f-reflection': 'Spiegelung',
    '#f-reflection-why': `Was sonst übernommen wird: der Entwurf, in der Mitte zwischen den Mittelwerten gespiegelt (Algorithmus 4,
      Reflexionskopplung). Die Schleife der Fenster darum ist Algorithmus 3.`,
    '#f-probability': 'Annahmewahrscheinlichkeit',
    '.word-accepted': 'angenommen',
    '#f-probability-why': `Φ ist die Verteilungsfunktion der Standardnormalverteilung. Es ist die Überlappung der beiden
      Normalverteilungen (Proposition 3.1): 100 %, wo die Mittelwerte übereinstimmen, 62 % bei |<var>D</var>| = 1, 32 % bei 2.`,

    '#teach-title': 'Für die Vorlesung',
    '.exercises': `
      <li><strong>Eine Regel, die richtig aussieht.</strong> An die Stelle eines abgelehnten Entwurfs tritt ein neuer Zug aus dem Ziel.
        <a href="#crescent=2.50-redraw">Die Sichel mit dieser Regel öffnen</a> und 500 ziehen: Auf welcher Seite verlässt das Histogramm die Kurve, und warum? Woraus müsste
        stattdessen neu gezogen werden?</li>
      <li><strong>Zehnmal so viele Schritte.</strong> Die Aufrufe bei <a href="#stairs=100">100 Schritten</a> ablesen und die bei 1.000
        vorhersagen, bevor man nachsieht. Wenn |<var>D</var>| wie 1 ∕ <var>K</var> fiele, wie wüchse die Zahl der Ablehnungen?</li>
      <li><strong>Wann fällt es auf?</strong> Ein Sampler, der <a href="#evidence=accept-all">jeden Entwurf annimmt</a>, geht bei wenigen
        Läufen als exakt durch. Nach wie vielen Residuen verlässt die Statistik ihr Band, und welche Fehler sähe diese Abbildung nie?</li>`,
    '.teach-tools': `In der Vorlesung: <a href="./de.html?lecture">diese Seite in großer Schrift</a>. Für Folien, unter jeder Abbildung: ihr
      Bild, wie es gerade ist, und ein Link auf sie in ihrem Zustand. Auf einer eigenen Seite: <a href="./embed.de.html">jede Abbildung allein</a>.`,
    '#glossary': `
  <p popover id="term-call"><strong>Aufruf</strong>: Eine Benutzung des Netzes, auf die gewartet werden muss, an einem Zustand oder an vielen zugleich.</p>
  <p popover id="term-draft"><strong>Entwurf</strong>: Ein geratener nächster Zustand, gezogen um einen Mittelwert, der ohne Aufruf bekannt ist.</p>
  <p popover id="term-window"><strong>Fenster</strong>: Die Schritte, die zusammen entworfen werden, höchstens <var>L</var>.</p>
  <p popover id="term-target"><strong>Ziel</strong>: Der Schritt, wie ihn der Standard-Sampler machen würde, mit dem Mittelwert vom Netz. Auf seine Verteilung kommt es an.</p>
  <p popover id="term-round"><strong>Runde</strong>: Ein Fenster entwerfen, in einem Aufruf auswerten, testen, übernehmen, was besteht.</p>
  <p popover id="term-evaluation"><strong>Auswertung</strong>: Das Netz, auf einen Zustand angewandt. Ein Aufruf für ein Fenster von acht macht bis zu acht Auswertungen.</p>
  <p popover id="term-gap"><strong>Lücke</strong>: <var>D</var>: wie weit die Mittelwerte von Entwurf und Ziel auseinander liegen, in Einheiten des Rauschens dieses Schritts.</p>
  <p popover id="term-commit"><strong>übernehmen</strong>: Einen Schritt endgültig machen: Was übernommen ist, ändert sich nicht mehr.</p>
    `,

    '#credits-title': 'Quellen und Lizenzen',
    '#credits ul': `
      <li>Verfahren: V. De Bortoli, A. Galashov, A. Gretton, A. Doucet, <cite>Accelerated Diffusion Models via Speculative
        Sampling</cite>, ICML 2025, <a href="https://arxiv.org/abs/2501.05370">arXiv 2501.05370</a>. Die Entwürfe carry und secant und der peak-Test stammen aus diesem Projekt.</li>
      <li>Kopplung: N. Bou-Rabee, A. Eberle, R. Zimmer, <cite>Coupling and convergence for Hamiltonian Monte Carlo</cite>, 2020.
        peak-Test: nach D. Williams, 1974, der einen Brownschen Pfad an seinem Maximum zerlegt; Z. Sun et al., 2024, prüfen Blöcke
        von Tokens mit derselben Verteilung des Anhaltens.</li>
      <li>Bilder: Ein Netz wurde mit Gesichtern trainiert, gezeichnet mit <a href="https://www.dicebear.com/styles/pixel-art/">DiceBear Pixel
        Art</a>, CC0 1.0; das andere mit der Kleidung aus <a href="https://github.com/zalandoresearch/fashion-mnist">Fashion-MNIST</a>,
        H. Xiao, K. Rasul, R. Vollgraf, 2017, MIT.</li>
      <li>Schrift: Ausschnitte aus Source Serif 4 und Source Sans 3 von Adobe, <a href="./fonts/LICENSE.txt">SIL Open Font License
        1.1</a>.</li>
      <li>Code und Gewichte: MIT OR Apache-2.0. Die Engine ist Rust, übersetzt nach WebAssembly; die Seite fragt keinen anderen Server nach irgendetwas.</li>`,

    '#help-title': 'Tastatur',
    '#help > p': 'Tasten zählen, solange der Fokus im Rennen oder im Mikroskop ist: zuerst dort hineinklicken.',
    '#help .keys': `
      <div><dt><kbd>Leertaste</kbd></dt><dd>Start oder Pause (außer wenn eine Schaltfläche den Fokus hat)</dd></div>
      <div><dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>Schritt zurück, Schritt vor</dd></div>
      <div><dt><kbd>Umschalt</kbd> + <kbd>←</kbd> <kbd>→</kbd></dt><dd>Runde zurück, Runde vor</dd></div>
      <div><dt><kbd>Pos1</kbd> <kbd>Ende</kbd></dt><dd>Anfang, Ende</dd></div>
      <div><dt><kbd>,</kbd> <kbd>.</kbd></dt><dd>langsamer, schneller</dd></div>
      <div><dt><kbd>N</kbd></dt><dd>neuer Seed, live starten</dd></div>
      <div><dt><kbd>?</kbd></dt><dd>diese Hilfe</dd></div>`,
    '#help form button': 'Schließen',
    'noscript p': 'Der Artikel lässt sich ohne JavaScript lesen; die Abbildungen brauchen es.',
  },
  attributes: {
    'meta[name="description"]': {
      content: 'Ein Diffusionsmodell zeichnet dasselbe Bild in weit weniger aufeinanderfolgenden Aufrufen, exakt, live im Browser.',
    },
    'meta[property="og:title"]': { content: 'Spekulatives Sampling für Diffusionsmodelle' },
    'meta[property="og:description"]': {
      content: 'Ein Diffusionsmodell zeichnet dasselbe Bild in weit weniger aufeinanderfolgenden Aufrufen, exakt, live im Browser.',
    },
    'script[data-failed]': {
      'data-failed': 'Ein Teil der Seite konnte nicht geladen werden, daher funktionieren ihre Abbildungen nicht. Bitte die Verbindung prüfen.',
      'data-reload': 'Neu laden',
    },
    html: { lang: 'de' },
    '.brand a': { href: './de.html' },
    '.top > nav': { 'aria-label': 'Seite' },
    '.peak': { 'aria-label': 'Ein Pfad, der bis zu seinem Gipfel in Schritt 5 von 9 steigt und fällt: bis zum Gipfel behalten, danach verworfen' },
    '#glossary': { 'aria-label': 'Glossar' },
    '.contents nav': { 'aria-label': 'Inhalt' },
    '#language': { href: './', lang: 'en', hreflang: 'en' },
    '#race .transport': { 'aria-label': 'Wiedergabe' },
    '#scrub': { 'aria-label': 'Stelle auf der gemeinsamen Achse' },
    '#restart': { 'aria-label': 'Zum Anfang', title: 'Zum Anfang (Pos1)' },
    '#back': { 'aria-label': 'Schritt zurück', title: 'Schritt zurück (←)' },
    '#play': { title: 'Start oder Pause (Leertaste)' },
    '#forward': { 'aria-label': 'Schritt vor', title: 'Schritt vor (→)' },
    '#new-seed': { title: 'Neuer Seed (N)' },
    '#result': { 'aria-label': 'Das Ergebnis dieses Laufs' },
    '#race .legend': { 'aria-label': 'Was die Striche bedeuten' },
    '#measure': {
      title:
        'Die Zeit dieses Laufs mit mehreren Fenstern und Entwürfen und mit dem Standard-Sampler messen, auch auf einer GPU, falls es eine gibt, und das Schnellste übernehmen',
    },
    '#export-json': { title: 'Den Lauf speichern: Einstellungen und Zahlen jeder Runde' },
    '#export-csv': { title: 'Die Runden als Tabelle speichern' },
    '#import': { title: 'Einen gespeicherten Lauf (JSON) wiederholen und seine Urteile vergleichen' },
    '#measured': { 'aria-label': 'Was jedes Fenster und jeder Entwurf auf diesem Gerät braucht' },
  },
};

export const embed = {
  html: {
    title: 'Eine Abbildung aus „Spekulatives Sampling für Diffusionsmodelle“',
    h1: 'Eine Abbildung aus „Spekulatives Sampling für Diffusionsmodelle“',
    '#blocked': `Die Dateien dieser Abbildung werden ihr vorenthalten, vom Rahmen oder vom Server, in dem sie steht, daher kann
    sie hier nicht gezeigt werden. Bitte in einem eigenen Fenster öffnen: <a href="" target="_blank">Eine Abbildung aus „Spekulatives Sampling für Diffusionsmodelle“</a>.`,
    '#home': 'Spekulatives Sampling für Diffusionsmodelle',
  },
  attributes: {
    'meta[name="description"]': { content: 'Eine Abbildung aus „Spekulatives Sampling für Diffusionsmodelle“, für eine eigene Seite.' },
    'script[data-failed]': {
      'data-failed': 'Ein Teil dieser Abbildung konnte nicht geladen werden. Bitte die Verbindung prüfen.',
      'data-sandboxed':
        'Diese Abbildung konnte in einem Rahmen mit sandbox nicht geladen werden. Der Rahmen braucht allow-same-origin, oder der Server der Abbildung muss access-control-allow-origin senden.',
      'data-reload': 'Neu laden',
    },
    html: { lang: 'de' },
    '#home': { href: './de.html' },
  },
};
