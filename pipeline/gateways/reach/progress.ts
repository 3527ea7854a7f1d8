import type { ReachBoard, ReachStep } from '../../../preload/contract/cloud/reach.ts';
import type { RefusalHint, RefusalReason } from '../../../preload/contract/cloud/refusals.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';

/** The steps of each protocol, in their order. */
const stepsOf: Record<string, readonly ReachStep[]> = {
  twetalk: ['name', 'connection', 'sign-in', 'subscription', 'address', 'voice', 'speech'],
  xiaozhi: ['name', 'connection', 'registration', 'voice', 'speech'],
  tuya: ['name', 'connection', 'sign-in', 'voice', 'speech'],
  trtc: ['connection', 'sign-in', 'voice', 'speech'],
};
/** What came before it was known who it is. */
const unknownSteps: readonly ReachStep[] = ['name', 'connection', 'sign-in'];
/** Newest first; older ones are forgotten. */
const MOST_BOARDS = 200;

type Fact = { step: ReachStep; reason?: string; hint?: RefusalHint | undefined };

/**
 * How far each board came on its way into a conversation, out of what was really received: what a person goes through who asks why a board
 * does not connect.
 */
export class ReachProgress {
  readonly #wallMs: () => number;
  readonly #boards = new Map<string, ReachBoard>();
  readonly #boardOf = new Map<string, string>();

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  boards(): ReachBoard[] {
    return [...this.#boards.values()].reverse();
  }

  /** Whether anything changed by it. */
  observe(event: PipelineEvent): boolean {
    switch (event.kind) {
      case 'listener.connection':
        return this.asked(event.remoteAddress, 'connection', event.isRefused && 'too-many-connections');
      case 'device.online':
        return this.#device('twetalk', event, { step: 'sign-in' });
      case 'device.refused':
        // A token is shown with the voice connection; anything else when the board signs in.
        return this.#device(event.gateway ?? 'twetalk', event, { step: refusedAt(event), reason: event.reason, hint: event.hint });
      case 'wire.message':
        return this.#wire(event);
      case 'conversation.opened':
        this.#boardOf.set(event.conversationId, `${event.gateway} ${event.productId}_${event.deviceName}`);
        return this.#device(event.gateway, event, { step: 'voice' });
      case 'user.speech-started': {
        const id = this.#boardOf.get(event.conversationId);
        return id !== undefined && this.#put(id, { step: 'speech' });
      }
      case 'conversation.closed':
        this.#boardOf.delete(event.conversationId);
        return false;
      default:
        return false;
    }
  }

  /** Something came from an address of which nobody knows yet who it is. */
  asked(remoteAddress: string, step: 'name' | 'connection', reason?: RefusalReason): boolean {
    const fact = { step, ...(reason !== undefined && { reason }) };
    const known = [...this.#boards.values()].filter((board) => board.remoteAddress === remoteAddress);
    if (known.length > 0) return known.map(({ id }) => this.#put(id, fact)).some(Boolean);
    const steps = unknownSteps.map((one) => ({ step: one, state: 'open' as const }));
    this.#boards.set(remoteAddress, { id: remoteAddress, gateway: '', remoteAddress, steps, lastWallMs: this.#wallMs() });
    this.#forgetOldest();
    return this.#put(remoteAddress, fact);
  }

  /** Who has been at that address: what came from it before is theirs. */
  isAt(gateway: string, device: { productId: string; deviceName: string }, remoteAddress: string): void {
    const id = `${gateway} ${device.productId}_${device.deviceName}`;
    const board = this.#boards.get(id);
    if (board === undefined) return;
    const before = this.#boards.get(remoteAddress);
    this.#boards.delete(remoteAddress);
    this.#boards.set(id, { ...board, remoteAddress });
    for (const step of before?.steps ?? []) if (step.state === 'done') this.#put(id, { step: step.step });
  }

  #wire(event: Extract<PipelineEvent, { kind: 'wire.message' }>): boolean {
    if (event.direction !== 'up' || event.deviceId === undefined) return false;
    const [productId = '', ...rest] = event.deviceId.split('_');
    const device = { productId, deviceName: rest.join('_') };
    if (event.gateway === 'twetalk' && event.channel === 'mqtt') {
      if (event.note?.startsWith('SUBSCRIBE') === true) {
        const isRefused = event.note.includes('refused');
        return this.#device('twetalk', device, { step: 'subscription', ...(isRefused && { reason: event.name }) });
      }
      if (event.name.startsWith('$twecall/up/')) return this.#device('twetalk', device, { step: 'address' });
      return false;
    }
    if (event.gateway === 'xiaozhi' && event.channel === 'http') return this.#device('xiaozhi', device, { step: 'registration' });
    return false;
  }

  #device(gateway: string, { productId, deviceName }: { productId: string; deviceName: string }, fact: Fact): boolean {
    const steps = stepsOf[gateway];
    if (steps === undefined) return false;
    const id = `${gateway} ${productId}_${deviceName}`;
    if (!this.#boards.has(id)) {
      const open = steps.map((step) => ({ step, state: 'open' as const }));
      this.#boards.set(id, { id, gateway, productId, deviceName, steps: open, lastWallMs: this.#wallMs() });
      this.#forgetOldest();
    }
    return this.#put(id, fact);
  }

  #put(id: string, { step, reason, hint }: Fact): boolean {
    const board = this.#boards.get(id);
    const at = board?.steps.findIndex((one) => one.step === step) ?? -1;
    const before = board?.steps[at];
    if (board === undefined || before === undefined) return false;
    const state = reason === undefined ? 'done' : 'failed';
    if (before.state === state && before.reason === reason && before.hint === hint) return false;
    const atWallMs = this.#wallMs();
    // Who came so far, went all the way before it: a board that knows its address asks no name.
    const earlier = board.steps.slice(0, at).map((one) => ({ step: one.step, state: 'done' as const, ...atOf(one) }));
    const steps = [
      ...earlier,
      { step, state, ...(reason !== undefined && { reason }), ...(hint !== undefined && { hint }), atWallMs },
      ...board.steps.slice(at + 1),
    ] as ReachBoard['steps'];
    this.#boards.delete(id); // the newest is the last
    this.#boards.set(id, { ...board, steps, lastWallMs: atWallMs });
    return true;
  }

  #forgetOldest(): void {
    while (this.#boards.size > MOST_BOARDS) this.#boards.delete(this.#boards.keys().next().value as string);
  }
}

/** The voice connection shows a token, or has another mistake in its query; anything else is refused where a board signs in. */
function refusedAt({ reason, gateway = 'twetalk' }: Extract<PipelineEvent, { kind: 'device.refused' }>): ReachStep {
  if (gateway === 'xiaozhi') return reason === 'bad-activation' || reason === 'no-device-id' ? 'registration' : 'voice';
  const isOfVoice = reason.startsWith('token') || reason === 'bad-custom-params' || reason === 'connected-already';
  return isOfVoice ? 'voice' : 'sign-in';
}

function atOf(step: ReachBoard['steps'][number]): { atWallMs?: number } {
  return step.atWallMs === undefined ? {} : { atWallMs: step.atWallMs };
}
