import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { oneWrite } from '../../../../pipeline/gateways/one-write.ts';

/** The server's end of a WebSocket over a stream that notes what each write brought. */
function served(): { socket: WebSocket; stream: Duplex; writes: string[] } {
  const writes: string[] = [];
  const stream = new Duplex({
    read() {},
    writev(chunks, callback) {
      writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)).toString('latin1'));
      callback();
    },
  });
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: 'GET',
    headers: { upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
  });
  let socket: WebSocket | undefined;
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.handleUpgrade(request, stream, Buffer.alloc(0), (opened) => (socket = opened));
  if (socket === undefined) throw new Error('not upgraded');
  writes.length = 0;
  return { socket, stream, writes };
}

const moment = () => new Promise<void>((resolve) => process.nextTick(resolve));
const words = (writes: readonly string[]) => writes.map((write) => write.replaceAll(/[^a-z]/gu, ''));

test('what is told in one moment is one write, in the order it was told, behind what the moment still had to do', async () => {
  const { socket, stream, writes } = served();
  const together = oneWrite(stream);
  const say = (text: string) => {
    together.hold();
    socket.send(text);
  };
  let writesWhenAsked = -1;
  // As a turn's end has it: told, told again a promise later, and then the model is asked.
  await Promise.resolve().then(() => {
    say('one');
    void Promise.resolve()
      .then(() => say('two'))
      .then(() => (writesWhenAsked = writes.length));
  });
  await moment();
  expect(writesWhenAsked).toBe(0);
  expect(words(writes)).toEqual(['onetwo']);
  say('three');
  await moment();
  expect(words(writes)).toEqual(['onetwo', 'three']);
  socket.terminate();
});

test('a flush sends what waits at once, before the call returns', async () => {
  const { socket, stream, writes } = served();
  const together = oneWrite(stream);
  together.hold();
  socket.send('message');
  together.hold();
  socket.send('audio');
  together.flush();
  expect(words(writes)).toEqual(['messageaudio']);
  // Nothing is held any more: the moment's own end has nothing to do.
  socket.send('bare');
  await moment();
  expect(words(writes)).toEqual(['messageaudio', 'bare']);
  socket.terminate();
});

test('a close behind what waits closes behind it', async () => {
  const { socket, stream, writes } = served();
  const together = oneWrite(stream);
  together.hold();
  socket.send('last');
  socket.close(1000, 'bye');
  await moment();
  expect(words(writes)).toEqual(['lastbye']);
  socket.terminate();
});
