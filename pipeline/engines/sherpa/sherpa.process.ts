/**
 * The whole of a process that holds one model. A process and not a thread: the library carries espeak-ng (GPL-3), which stays out of ours;
 * it says what is wrong with a model only on standard error; and a bad model may take it down.
 */
import { createRequire } from 'node:module';
import { parentProcess } from '../../parent-process.ts';
import type { FromSherpa, ToSherpa } from './messages.ts';
import type { SherpaNative } from './native.ts';
import { createSherpaService } from './service.ts';

const native = createRequire(import.meta.url)('sherpa-onnx-node') as SherpaNative;
const parent = parentProcess<ToSherpa, FromSherpa>();
parent.onMessage(createSherpaService(native, (message) => parent.send(message)));
