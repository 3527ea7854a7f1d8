import { randomBytes, randomInt } from 'node:crypto';
import type { TranslateClient } from '../../../pipeline/boards/speech/translate-client.ts';
import { type SpeechTally, startSpeechGateway } from '../../../pipeline/gateways/speech/gateway.ts';
import { translatorOf } from '../../../pipeline/speech/translator.ts';
import type { SpeechMessage } from '../../../preload/contract/cloud/speech.ts';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import { Topic } from '../endpoint/topic.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';
import { runSpeechJob } from './speech/run.ts';

/** The core's part of the speech services of seed 003: their gateway, and a client that drives them over its socket. */
export async function createSpeechService(
  deps: CloudServiceDeps,
): Promise<CloudService<'speech.run' | 'speech.tell' | 'speech.state', 'speech.messages'>> {
  const { clock, settings, engines, accounts } = deps;
  /** Lives as long as the process and goes nowhere but over the loopback. */
  const own = { token: randomBytes(24).toString('hex'), appId: `9${randomInt(1e11, 1e12)}` };
  deps.remembered.addForNow(own.token);
  const tally: SpeechTally = { open: 0, streams: 0, requests: 0, refused: 0, failed: 0 };
  const messages = new Topic<Record<string, never>, SpeechMessage>({ snapshot: () => ({}), retain: 2048 });
  const translations = new Map<string, TranslateClient>();
  const running = new Set<string>();
  const closing = new AbortController();
  let listener: ListenerState | null = null;

  const ownUrl = (): string | null => {
    if (listener?.state !== 'listening') return null;
    const { host, port } = listener;
    const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
    return `http://${name}:${port}`;
  };

  return {
    async start(gateway) {
      listener = gateway.http.listener;
      return startSpeechGateway({ ...gateway, own, tally });
    },
    calls: {
      'speech.run': async ({ runId, job }, context) => {
        if (running.has(runId)) throw new TalkError('bad-request', { issues: [{ path: 'runId', message: 'it is running' }] });
        // What was typed goes to the service and into no log or export.
        if (job.token !== undefined) deps.remembered.add(job.token);
        running.add(runId);
        try {
          // What the first recognition would wait for is no part of what is looked at.
          if ('speech' in job && job.url === undefined) await engines.calls['pipeline.warmUp']({}, context);
          return await runSpeechJob(
            runId,
            job,
            {
              ...{ clock, own, ownUrl, speak: engines.speak },
              onMessage: (message) => messages.publish(message),
              onTranslation: (id, client) => void translations.set(id, client),
            },
            AbortSignal.any([context.signal, closing.signal]),
          );
        } finally {
          running.delete(runId);
          translations.delete(runId);
        }
      },
      'speech.tell': async ({ runId, isTtsOn, ping }) => {
        const client = translations.get(runId);
        if (client === undefined) throw new TalkError('not-found', { what: 'translation', id: runId });
        if (isTtsOn !== undefined) client.setTts(isTtsOn);
        if (ping !== undefined) client.ping(ping);
        return {};
      },
      'speech.state': async () => {
        const now = settings.get();
        const { id, isEmbedded } = translatorOf(engines.for('zh', now.engines), now);
        return { baseUrl: ownUrl(), appId: accounts.appId(), engine: { id, isEmbedded }, counts: { ...tally } };
      },
    },
    streams: { 'speech.messages': ({ runId }) => ({ topic: messages, accepts: (message) => message.runId === runId }) },
    close: () => closing.abort(),
  };
}
