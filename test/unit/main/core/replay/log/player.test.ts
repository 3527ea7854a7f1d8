import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogPlayer } from '../../../../../../main/core/replay/log/player.ts';
import { fromBeginning, type LogTrack, portNameOf } from '../../../../../../main/core/replay/log/track.ts';
import type { LogReplaySpeed } from '../../../../../../preload/contract/replay.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

function played(tracks: readonly LogTrack[], options: { speed?: LogReplaySpeed; isLooping?: boolean; settled?: () => Promise<void> } = {}) {
  const clock = new VirtualClock();
  const heard: { atUs: number; track: number; bytes: Uint8Array }[] = [];
  const player = new LogPlayer(
    fromBeginning(tracks, 'timestamps'),
    { speed: options.speed ?? 1, isLooping: options.isLooping ?? false },
    {
      clock,
      emit: (track, bytes) => heard.push({ atUs: clock.nowUs(), track, bytes }),
      settled: options.settled ?? (() => Promise.resolve()),
      onChange: () => {},
    },
  );
  const text = (track: number) => Buffer.concat(heard.filter((each) => each.track === track).map(({ bytes }) => bytes)).toString();
  return { clock, player, heard, text };
}

const chunk = (atUs: number, text: string) => ({ atUs, bytes: new TextEncoder().encode(text) });
const boot: LogTrack = { name: 'a', from: 'a', chunks: [chunk(5_000_000, 'boot\r\n'), chunk(5_200_000, 'wifi\n'), chunk(7_000_000, 'up')] };

test('bytes come at their recorded distance, and twice as fast at twice the speed', async () => {
  const { clock, player, heard } = played([boot], { speed: 2 });
  player.play();
  await clock.advance(1_000_000);
  expect(heard.map(({ atUs }) => atUs)).toEqual([0, 100_000, 1_000_000]);
  expect(player.state).toBe('ended');
  expect(clock.pendingTimers).toBe(0);
});

test('paused, nothing comes; played on, nothing is lost or said twice', async () => {
  const { clock, player, text } = played([boot]);
  player.play();
  await clock.advance(100_000);
  player.pause();
  await clock.advance(60_000_000);
  expect(text(0)).toBe('boot\r\n');
  expect(player.positionUs).toBe(100_000);
  player.play();
  await clock.advance(1_900_000);
  expect(text(0)).toBe('boot\r\nwifi\nup');
});

test('from any point: what is before it is left out, and counted as passed', async () => {
  const { clock, player, text } = played([boot]);
  player.seek(200_000);
  expect(player.sentBytes).toEqual([6]);
  player.play();
  await clock.advance(2_000_000);
  expect(text(0)).toBe('wifi\nup');
});

test('over and over until it is stopped', async () => {
  const { clock, player, text } = played([boot], { isLooping: true });
  player.play();
  await clock.advance(5_900_000);
  expect(text(0)).toBe('boot\r\nwifi\nupboot\r\nwifi\nupboot\r\nwifi\n');
  player.close();
  expect(clock.pendingTimers).toBe(0);
});

test('as fast as possible waits for the disk now and then', async () => {
  const large = Array.from({ length: 40 }, (_, at) => ({ atUs: at * 1e9, bytes: new Uint8Array(1 << 19).fill(at) }));
  let waits = 0;
  const { clock, player, heard } = played([{ name: 'a', from: 'a', chunks: large }], {
    speed: 0,
    settled: async () => {
      waits += 1;
    },
  });
  player.play();
  await clock.advance(0);
  await clock.settle();
  expect(heard.map(({ bytes }) => bytes[0])).toEqual(large.map((_, at) => at));
  expect(waits).toBe(2);
});

test('whatever the speeds and pauses, each port’s bytes are the recorded ones in their order', async () => {
  const tracks = fc.array(
    fc.array(fc.tuple(fc.nat(2_000_000), fc.uint8Array({ minLength: 1, maxLength: 9 })), { minLength: 1, maxLength: 20 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  const steps = fc.array(fc.tuple(fc.constantFrom<LogReplaySpeed>(0.5, 1, 4, 20), fc.nat(400_000), fc.boolean()), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(tracks, steps, async (given, doings) => {
      const logs = given.map((chunks, index) => {
        const sorted = chunks.map(([us]) => us).sort((one, other) => one - other);
        return { name: String(index), from: '', chunks: chunks.map(([, bytes], at) => ({ atUs: sorted[at] ?? 0, bytes })) };
      });
      const { clock, player, heard } = played(logs);
      for (const [speed, us, isPaused] of doings) {
        player.setSpeed(speed);
        if (isPaused) player.pause();
        else if (player.state !== 'ended') player.play();
        await clock.advance(us);
      }
      if (player.state !== 'ended') {
        player.play();
        await clock.advance(200_000_000);
      }
      for (const [index, { chunks }] of logs.entries()) {
        const its = heard.filter(({ track }) => track === index).map(({ bytes }) => bytes);
        expect(its).toEqual(chunks.map(({ bytes }) => bytes));
      }
    }),
    { numRuns: 40 },
  );
});

test('a port is called after where it comes from', () => {
  expect(['/dev/ttyUSB0', 'virtual://demo', 'C:\\logs\\boot 1.txt', '日志.log'].map(portNameOf)).toEqual([
    ...['replay-ttyUSB0', 'replay-demo', 'replay-boot-1', 'replay-log'],
  ]);
});
