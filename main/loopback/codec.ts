import { Packr } from 'msgpackr';
import { type FrameCodec, PACKR_OPTIONS } from '../../preload/contract/transports/websocket.ts';

const packr = new Packr(PACKR_OPTIONS);

export const frameCodec: FrameCodec = {
  // Packr returns a view of its own buffer, which the next frame overwrites only after this one was handed to the socket.
  encode: (frame) => packr.pack(frame) as Uint8Array<ArrayBuffer>,
  decode: (bytes) => packr.unpack(bytes),
};
