import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { Clock } from '../../../preload/contract/time.ts';
import { SocketLink } from '../../link/socket-link.ts';
import { random } from '../random.ts';

/** What opens connections of a board whose radio carries so much each way; undefined: nothing has to be done to them. */
export function connectionsOf(clock: Clock, kbitS: number | null): ((options: object) => Socket) | undefined {
  if (kbitS === null) return undefined;
  return (options) => {
    const socket = connect(options as NetConnectOpts);
    new SocketLink(socket, { clock, random: () => random(1) }).set({
      ...{ delayMs: 0, jitterMs: 0, lossPercent: 0, isStalled: false },
      rateKbitS: kbitS,
    });
    return socket;
  };
}
