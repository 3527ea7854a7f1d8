import { Packr } from 'msgpackr';
import { type FrameCodec, PACKR_OPTIONS } from '../../preload/contract/transports/websocket.ts';

const packr = new Packr(PACKR_OPTIONS);

export const frameCodec: FrameCodec = {
  encode: (frame) => packr.pack(frame) as Uint8Array<ArrayBuffer>,
  decode: (bytes) => packr.unpack(bytes),
};
