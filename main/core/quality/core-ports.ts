import type { CallHandlers } from '../endpoint/handlers.ts';
import type { Recorder } from '../sessions/recorder.ts';
import type { QualityPorts } from './ports.ts';

/** `QualityPorts` by the core's own calls, as a client with an operator's role would ask them. */
export function portsOfCore(deps: {
  calls: Pick<CallHandlers, 'replay.resimulate' | 'replay.rerun' | 'scenarios.run' | 'sessions.import'>;
  recorder: Recorder;
}): QualityPorts {
  const { calls, recorder } = deps;
  const context = (signal: AbortSignal) => ({ signal, role: 'operator' as const });
  return {
    async resimulate({ sessionId, conversationId, changes }, signal) {
      const body = { sessionIds: [sessionId], changes, ...(conversationId !== undefined && { conversationId }) };
      return (await calls['replay.resimulate'](body, context(signal))).result;
    },
    async rerun({ sessionId, conversationId, agent, settings, language, title, pace }, signal) {
      const body = { sessionId, conversationId, agent, settings, language, title: title.slice(0, 200), pace, isAsRecorded: false };
      const { sessionId: id } = await calls['replay.rerun'](body, context(signal));
      return { sessionId: id };
    },
    playScenario: (request, signal) => calls['scenarios.run'](request, context(signal)),
    importSession: async (data) => (await calls['sessions.import']({ data }, context(new AbortController().signal))).id,
    recordingId: () => recorder.session?.id ?? null,
    stopRecording: () => recorder.stop(),
  };
}
