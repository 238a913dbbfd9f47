// Compiled, never run: the figure in React, as README.md declares it.
import { useState, type HTMLAttributes } from 'react';
import type { FigureAttributes } from 'speculative-diffusion/figure';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'speculative-figure': HTMLAttributes<HTMLElement> & FigureAttributes;
    }
  }
}

export function Host() {
  const [state, setState] = useState<string | undefined>();
  return (
    <>
      <speculative-figure src="https://the.site/" name="crescent" state={state} onchange={({ detail }) => setState(detail.state)} />
      {/* @ts-expect-error: there are two themes */}
      <speculative-figure theme="blue" />
    </>
  );
}
