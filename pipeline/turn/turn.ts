import type { TurnInitiator } from '../../preload/contract/events.ts';
import type { Round } from '../agent/history.ts';
import { Ledger } from './ledger.ts';

/** The instants of one turn that later ones are measured from, on the clock (reference/voice.md §2.1). */
export interface TurnInstants {
  speechEndUs?: number; // U1
  finalUs?: number; // U3
  requestUs?: number; // L0
  headersUs?: number; // L1
  firstTokenUs?: number; // L2
  ttsRequestUs?: number; // T0
  ttsHeadersUs?: number; // T1
  ttsAudioUs?: number; // T2
  interruptionOnsetUs?: number; // I0
  interruptionDecidedUs?: number; // I1
}

/** One turn: everything that lives and ends with it. Only the controller changes it. */
export class Turn {
  readonly id: number;
  readonly initiator: TurnInitiator;
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
  /** First frame handed over. */
  isAudible = false;
  /** What was heard of the reply; set when it was cut. */
  heardText: string | undefined;

  constructor(id: number, initiator: TurnInitiator) {
    this.id = id;
    this.initiator = initiator;
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
    if (this.isAudible) metrics.tts_discontinuity = this.underruns;
    return metrics;
  }
}
