import type { RerunPace, Resimulation } from '../../../preload/contract/replay.ts';
import type { ScenarioEngines, ScenarioReport } from '../../../preload/contract/scenarios.ts';

type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What suites have done by others. All throw TalkErrors of their own, 'cancelled' among them. */
export interface QualityPorts {
  /** docs/replay.md: reckoned, nothing is spoken. */
  resimulate(
    request: { sessionId: string; conversationId: string | undefined; changes: Settings },
    signal: AbortSignal,
  ): Promise<Resimulation>;
  /** The recorded speech spoken again: a new session, ended and stored when this resolves. */
  rerun(
    request: {
      sessionId: string;
      conversationId: string | undefined;
      agent: string | undefined;
      settings: Settings;
      language: 'zh' | 'en' | undefined;
      title: string;
      pace: RerunPace;
    },
    signal: AbortSignal,
  ): Promise<{ sessionId: string }>;
  playScenario(request: { yaml: string; folder: string; engines: ScenarioEngines }, signal: AbortSignal): Promise<ScenarioReport>;
  /** A `.talkbench` file into the library: the session's id there. */
  importSession(data: Uint8Array<ArrayBuffer>): Promise<string>;
  recordingId(): string | null;
  stopRecording(): Promise<unknown>;
}
