import { z } from 'zod';
import type { Bench, BoardDevice } from '../../bench.ts';
import { check } from '../../check.ts';
import { MARKER_TIMES, talkAndHangUp, untilCall } from './call.ts';
import { endLine, languageOf, quietLine } from './line.ts';
import { markerSound } from './marker.ts';
import { milliseconds } from './numbers.ts';
import { scriptOf, wholly } from './phrases.ts';
import { wakeUp } from './waking.ts';

const callTool = /(?:make|start|place)[_-]?call|^call$|dial|打电话|拨号/iu;

const ask = {
  zh: '请在板子上呼叫一位联系人（通讯录或按键），然后按“完成”。',
  en: 'Call one of the contacts from the board (its address book or a key), then press “done”.',
};

/** The board calls one of its contacts: the mini-program rings, answers, both hear each other, and the call ends. */
export const callOut = check({
  name: 'conversation.call-out',
  group: 'conversation',
  needs: ['device'],
  parameters: z.strictObject({
    /** Whom; empty: the first of the board's address book whose name is in its language. */
    contact: z.string().max(31).default(''),
    timeoutS: z.number().min(1).max(600).default(60),
  }),
  values: [
    { name: 'contacts', unit: 'count' },
    { name: 'isCalling', limit: { equals: true }, next: 'send-contacts' },
    { name: 'callingMs', unit: 'ms', limit: { max: 5000 }, isTimed: true, isOptional: true, next: 'send-contacts' },
    { name: 'isHeardAtBoard', limit: { equals: true }, isTimed: true, isOptional: true, next: 'call-speaker' },
    { name: 'isHeardAtPhone', limit: { equals: true }, isTimed: true, isOptional: true, next: 'call-microphone' },
    { name: 'isEndedCleanly', limit: { equals: true }, isOptional: true, next: 'hang-up' },
    { name: 'agentBackMs', unit: 'ms' },
    { name: 'contact' },
  ],
  nexts: ['send-contacts', 'call-speaker', 'call-microphone', 'hang-up'],
  async measure(bench, { contact, timeoutS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    if ((await quietLine(bench, device, timeoutS * 1000)) === null) return { skipped: 'no-conversation' };
    const language = languageOf(bench, device);
    const namesNow = () => device.contacts().map(({ name }) => name);
    // They come with the connection, and with them what tells whether there ought to be any.
    if (namesNow().length === 0 && bench.isUnattended) await reconnected(bench, device, timeoutS * 1000);
    const names = namesNow();
    const isOwnScript = (name: string) => /\p{Script=Han}/u.test(name) === (language === 'zh');
    const whom = contact === '' ? (names.find(isOwnScript) ?? names[0] ?? '') : contact;
    const tool = device.tools().find(({ name, description }) => callTool.test(name) || callTool.test(description));
    const sinceUs = bench.clock.nowUs();
    let startedUs = sinceUs;
    if (tool !== undefined && whom !== '') {
      const text = language === 'zh' ? `给${whom}打电话` : `call ${whom}`;
      const [argument = 'contact'] = Object.keys(propertiesOf(tool.parameters));
      device.configure({
        settings: { conversation: { isIdleDetected: false } },
        script: {
          ...scriptOf([], language),
          replies: [{ when: wholly(text), call: { name: tool.name, arguments: { [argument]: whom } }, sayAfter: '' }],
        },
      });
      device.text(text);
    } else {
      // A board that names its mini-program means to call; without contacts it cannot. One that does neither has no telephone.
      if (bench.isUnattended && !namesMiniProgram(device)) return { skipped: 'not-used' };
      if (bench.isUnattended) return { values: { contacts: names.length, isCalling: false }, next: 'send-contacts' };
      const answer = await bench.ask({ ask: 'other', data: { text: ask[bench.language] }, kind: 'do' });
      // Who skips it has not said why: a board without a telephone has it left out of its list, or optional in it.
      if (answer === 'nobody' || answer === 'skip') return { person: answer === 'skip' ? 'person-skipped' : 'nobody-there' };
      startedUs = bench.clock.nowUs();
    }
    const calling = await device.until('device.call', {
      sinceUs,
      timeoutMs: 10_000,
      accept: ({ stream, state }) => stream === 'device_to_user' && state === 'ringing',
    });
    if (calling === null) return { values: { contacts: names.length, isCalling: false, contact: whom }, next: 'send-contacts' };
    const { callId } = calling;
    const callingMs = milliseconds(Math.max(0, calling.atUs - startedUs));
    const isTalking = device.calls().some((call) => call.callId === callId && call.state === 'talking');
    if (!isTalking) await device.answerCall(callId, markerSound(MARKER_TIMES));
    await untilCall(device, callId, 'talking', { sinceUs, timeoutMs: 5000 });
    bench.progress(0.3);
    const { values, evidence, isUntold } = await talkAndHangUp(bench, device, { callId }, language);
    const all = { contacts: names.length, isCalling: true, callingMs, contact: calling.contact, ...values };
    if (isUntold && !Object.values(values).includes(false)) return { person: 'nobody-there', values: all, evidence };
    return { values: all, evidence };
  },
});

function propertiesOf(schema: Record<string, unknown>): object {
  return typeof schema.properties === 'object' && schema.properties !== null ? schema.properties : {};
}

async function reconnected(bench: Bench, device: BoardDevice, timeoutMs: number): Promise<void> {
  await endLine(bench, device);
  await wakeUp(bench, device, timeoutMs);
  await quietLine(bench, device, timeoutMs);
}

function namesMiniProgram(device: BoardDevice): boolean {
  return device
    .events(0)
    .some((event) => event.kind === 'wire.message' && event.direction === 'up' && /twecall-basic|wxa_?appid/iu.test(event.text ?? ''));
}
