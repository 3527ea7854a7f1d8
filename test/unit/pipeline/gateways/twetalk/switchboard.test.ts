import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallLine, CallSound } from '../../../../../pipeline/gateways/twetalk/calls/line.ts';
import { Switchboard } from '../../../../../pipeline/gateways/twetalk/calls/switchboard.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';
import { RecordingObserver } from '../../../../fakes/observer.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const device = { productId: 'P', deviceName: 'D' };
const contact = { name: '妈妈', openId: 'o1' };

/** A board's line that fails where a call would speak over the agent, or leaves it mute. */
class Line implements CallLine {
  readonly device = device;
  readonly language = 'zh';
  readonly audio = { codec: 'pcm', sampleRate: 16000, frameMs: 60 } as const;
  readonly conversationId: string;
  onUplink: ((packet: Uint8Array) => void) | null = null;
  isOpen = true;
  sentInCall = 0;
  afterwards: string[] = [];

  constructor(conversationId: string) {
    this.conversationId = conversationId;
  }
  tell(): void {
    if (!this.isOpen) throw new Error('told on a line that is gone');
  }
  putThrough(onUplink: (packet: Uint8Array) => void): void {
    if (this.onUplink !== null) throw new Error('two calls on one line');
    this.onUplink = onUplink;
  }
  send(): void {
    if (this.onUplink === null) throw new Error('call audio over the agent');
    this.sentInCall++;
  }
  release(afterwards: string): void {
    if (this.onUplink === null) throw new Error('released twice');
    this.onUplink = null;
    this.afterwards.push(afterwards);
  }
}

class Sound implements CallSound {
  closed = 0;
  onCaptured: ((pcm: Int16Array) => void) | null = null;
  listen(onCaptured: ((pcm: Int16Array) => void) | null): void {
    this.onCaptured = onCaptured;
  }
  play(): void {
    if (this.closed > 0) throw new Error('played after its end');
  }
  close(): void {
    this.closed++;
  }
}

const acts = fc.oneof(
  fc.constantFrom(
    'ring',
    'dial',
    'operator-answers',
    'operator-refuses',
    'operator-is-busy',
    'operator-hangs-up',
    'board-answers',
    'board-answers-another-room',
    'board-rejects',
    'board-hangs-up',
    'board-hangs-up-room',
    'line-lost',
    'away',
    'back',
    'audio',
  ),
  fc.integer({ min: 1, max: 40 }), // seconds that go by
);

test('calls: whoever does what in whatever order, there is one at a time, it ends once, and the agent gets its line back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(acts, { maxLength: 40 }),
      fc.constantFrom('ask', 'answer', 'reject', 'busy', 'timeout', 'error'),
      async (steps, phone) => {
        const clock = new VirtualClock();
        const observer = new RecordingObserver();
        const settings = settingsSchema.parse({ twetalk: { phone } });
        let isAway = false;
        const notify = () => {
          if (isAway) throw new TalkError('device/offline', { ...device });
        };
        const board = new Switchboard({
          ...{ clock, observer, notify, settings: () => settings, contacts: () => [contact], onChange: () => {} },
        });
        const sounds: Sound[] = [];
        const newSound = () => {
          const sound = new Sound();
          sounds.push(sound);
          return sound;
        };
        const lines = [new Line('c0')];
        const line = () => lines.at(-1) as Line;
        const lastCall = () => board.list().at(-1);
        const callId = () => lastCall()?.callId ?? 'none';
        const refused = (act: () => unknown) => {
          try {
            act();
          } catch (error) {
            if (!(error instanceof TalkError)) throw error;
          }
        };
        for (const step of steps) {
          if (typeof step === 'number') await clock.advance(step * 1_000_000);
          else if (step === 'ring') {
            const sound = newSound();
            refused(() => {
              try {
                board.ring(device, contact, sound);
              } catch (error) {
                sound.close(); // the caller's, as the service does it
                throw error;
              }
            });
          } else if (step === 'dial') board.dial(line(), '妈妈');
          else if (step === 'operator-answers') refused(() => board.answer(callId(), newSound()));
          else if (step === 'operator-refuses') refused(() => board.refuse(callId(), 'reject', 0));
          else if (step === 'operator-is-busy') refused(() => board.refuse(callId(), 'busy', 0));
          else if (step === 'operator-hangs-up') refused(() => board.hangUp(callId()));
          else if (step === 'board-answers') board.boardAnswered(line(), lastCall()?.roomId ?? '');
          else if (step === 'board-answers-another-room') board.boardAnswered(line(), 'elsewhere');
          else if (step === 'board-rejects') board.boardRejected(device, '');
          else if (step === 'board-hangs-up') board.boardHungUp(device, '');
          else if (step === 'board-hangs-up-room') board.boardHungUp(device, lastCall()?.roomId ?? '');
          else if (step === 'audio') {
            line().onUplink?.(new Uint8Array(1920));
            for (const sound of sounds) sound.onCaptured?.(new Int16Array(960));
          } else if (step === 'away' || step === 'back') isAway = step === 'away';
          else {
            // Its socket is closed by now: nothing can be told on it.
            line().isOpen = false;
            line().onUplink = null;
            board.lineClosed(line());
            lines.push(new Line(`c${lines.length}`));
          }
          const running = board.list().filter(({ state }) => state !== 'ended');
          expect(running.length).toBeLessThanOrEqual(1);
          expect(line().onUplink !== null).toBe(running[0]?.state === 'talking');
        }
        board.close();
        expect(lines.every(({ onUplink }) => onUplink === null)).toBe(true);
        expect(sounds.map(({ closed }) => closed)).toEqual(sounds.map(() => 1));
        const ends = observer.of('device.call').filter(({ state }) => state === 'ended');
        expect(new Set(ends.map(({ callId: id }) => id)).size).toBe(ends.length);
        expect(ends).toHaveLength(board.list().length);
        await clock.advance(600_000_000);
        expect(observer.of('device.call').filter(({ state }) => state === 'ended')).toHaveLength(ends.length);
      },
    ),
    { numRuns: 300 },
  );
});
