// A worker that fails before it hears anything.
throw new Error('no worker');
