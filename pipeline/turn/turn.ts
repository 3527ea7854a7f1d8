import type { StageName, TurnInitiator } from '../../preload/contract/events.ts';
import type { Round } from '../agent/history.ts';
import { Ledger } from './ledger.ts';
import type { Configuration } from './live.ts';
import type { Preemption } from './preempt.ts';

/** The instants of one turn that later ones are measured from, on the clock (reference/voice.md §2.1). */
export interface TurnInstants {
  speechEndUs?: number; // U1
  finalUs?: number; // U3
  requestUs?: number; // L0
  headersUs?: number; // L1
  firstTokenUs?: number; // L2
  firstAnswerUs?: number; // L2a
  ttsRequestUs?: number; // T0
  ttsHeadersUs?: number; // T1
  ttsAudioUs?: number; // T2
  firstFrameUs?: number; // S0
  interruptionOnsetUs?: number; // I0
  interruptionDecidedUs?: number; // I1
}

/** One turn: everything that lives and ends with it. Only the controller changes it. */
export class Turn {
  readonly id: number;
  readonly initiator: TurnInitiator;
  /** As the settings and engines stood at its beginning; nothing changes them for this turn any more. */
  readonly configuration: Configuration;
  readonly ledger = new Ledger();
  readonly instants: TurnInstants = {};
  /** Aborted when the turn ends in any way. */
  readonly abort = new AbortController();
  /** What the board was told has begun and must be told has ended. */
  readonly told = { thinking: false, voice: false, speaking: false };
  /** Set when the reply begins; packets of another epoch are never sent. */
  epoch = 0;
  userText = '';
  round: Round | undefined;
  underruns = 0;
  failed = false;
  isSpoken = true;
  /** The last one that was told to the board. */
  emotion: string | undefined;
  /** Ids of the requests that failed last, for whoever asks the service about them. */
  readonly failedRequests: Partial<Record<StageName, string>> = {};
  /** An answer begun before the user's words were certain. */
  preemption: Preemption | undefined;
  /** First frame handed over, be it only what bridges the wait for a tool. */
  isAudible = false;
  /** The first sentence of the reply itself. */
  firstSentence: number | undefined;
  /** The synthesiser made nothing of a sentence. */
  hasSilentSentence = false;
  /** When the last tool was through; infinite while one runs. */
  toolsEndedUs: number | undefined;
  /** What was heard of the reply; set when it was cut. */
  heardText: string | undefined;

  constructor(id: number, initiator: TurnInitiator, configuration: Configuration) {
    this.id = id;
    this.initiator = initiator;
    this.configuration = configuration;
  }

  /** Something of the reply itself was handed over. */
  get isAnswered(): boolean {
    return this.instants.firstFrameUs !== undefined;
  }

  /** Whether silence that began at `atUs` was the wait for a tool, or what bridged it had been said: no fault of the play-out. */
  isWaitedFor(atUs: number): boolean {
    return atUs <= (this.toolsEndedUs ?? Number.NEGATIVE_INFINITY) || atUs < (this.instants.firstFrameUs ?? Number.POSITIVE_INFINITY);
  }

  /** The model's answer so far was thrown away: the instants of another one count. */
  forgetRequest(): void {
    for (const key of ['requestUs', 'headersUs', 'firstTokenUs', 'firstAnswerUs'] as const) delete this.instants[key];
  }

  /** The documents' names of this turn's latency parts, ms; a part with a missing bound is left out. */
  productMetrics(): Record<string, number> {
    const t = this.instants;
    const spans: Record<string, [number | undefined, number | undefined]> = {
      asr_latency: [t.speechEndUs, t.finalUs],
      llm_network_latency: [t.requestUs, t.headersUs],
      llm_first_token: [t.requestUs, t.firstTokenUs],
      tts_network_latency: [t.ttsRequestUs, t.ttsHeadersUs],
      tts_first_frame_latency: [t.ttsRequestUs, t.ttsAudioUs],
      interruption: [t.interruptionOnsetUs, t.interruptionDecidedUs],
    };
    const metrics: Record<string, number> = {};
    for (const [name, [fromUs, toUs]] of Object.entries(spans)) {
      if (fromUs !== undefined && toUs !== undefined) metrics[name] = (toUs - fromUs) / 1000;
    }
    if (this.isAnswered) metrics.tts_discontinuity = this.underruns;
    return metrics;
  }
}
