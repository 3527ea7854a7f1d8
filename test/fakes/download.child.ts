import { fetchFile } from '../../main/core/engines/models/fetch-file.ts';
import { systemClock } from '../../pipeline/clock.ts';

/** Downloads until it is killed: says how far it is, a line each time. Arguments: address, path. */
const [url = '', path = ''] = process.argv.slice(2);
await fetchFile(
  { url, path, name: 'model', sha256: '' },
  {
    clock: systemClock,
    signal: new AbortController().signal,
    onProgress: (doneBytes) => process.stdout.write(`${doneBytes}\n`),
    onVerifying: () => {},
  },
);
