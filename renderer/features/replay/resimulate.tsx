import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionDetail } from '../../../preload/contract/sessions.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useLab } from '../../lib/lab.ts';
import { wallText } from '../../lib/quantities.ts';
import { allEvents } from '../../lib/session-events.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import { useSessionList, useSettings } from '../../lib/streams.ts';
import css from './resimulate.module.css';
import { ResimulateResult } from './resimulate-result.tsx';
import { useResimulation } from './resimulate-run.ts';
import { ResimulateSettings, type Sweep, sweepValues, type Tree } from './resimulate-settings.tsx';

/** What would have been with other settings. */
export function ResimulatePanel({ detail, conversationId }: { detail: SessionDetail; conversationId: string | null }) {
  const { t } = useTranslation();
  const { id } = detail.session;
  const bench = useSettings();
  const lab = useLab();
  const opened = useQuery({
    queryKey: ['sessions.opened', { id }],
    queryFn: ({ signal }) => allEvents(lab, { id, kinds: ['conversation.opened'] }, signal),
  });
  const [changes, setChanges] = useState<Tree>({});
  const [sweep, setSweep] = useState<Sweep | null>(null);
  const [others, setOthers] = useState<readonly string[]>([]);
  const sessions = useSessionList() ?? [];
  const run = useResimulation();
  if (detail.conversations.length === 0) return <p className={css.nothing}>{t('replay.whatIf.noConversation')}</p>;
  if (bench === null || opened.data === undefined) return <p className={css.nothing}>{t('frame.loading')}</p>;

  const events = opened.data.flatMap(({ event }) => (event.kind === 'conversation.opened' ? event : []));
  const own = events.find((event) => conversationId === null || event.conversationId === conversationId);
  const recorded = {
    ...(bench as unknown as Tree),
    ...own?.settings,
    engines: { ...bench.engines, vad: own?.engines.vad ?? 'auto' },
  } as Tree;

  return (
    <div className={css.columns}>
      <ResimulateSettings
        recorded={recorded}
        changes={changes}
        sweep={sweep}
        fraction={run.fraction}
        error={run.error}
        others={
          conversationId === null
            ? {
                chosen: others,
                all: sessions
                  .filter((session) => session.id !== id && session.conversationCount > 0)
                  .map((session) => ({ value: session.id, label: `${sessionTitle(session)} · ${wallText(session.startedWallMs)}` })),
                onChange: setOthers,
              }
            : null
        }
        onChange={setChanges}
        onSweep={setSweep}
        onStop={run.stop}
        onRun={() =>
          run.start({
            sessionIds: conversationId === null ? [id, ...others] : [id],
            changes,
            ...(conversationId !== null && { conversationId }),
            ...(sweep !== null && { sweep: { key: sweep.key, values: sweepValues(sweep) } }),
          })
        }
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.result} tabIndex={0} aria-label={t('replay.whatIf.result')} aria-busy={run.fraction !== null}>
        {run.error !== null && <ErrorNotice error={run.error} />}
        {run.reply !== null ? (
          <ResimulateResult reply={run.reply} />
        ) : (
          run.error === null && <p className={css.hint}>{t(run.fraction === null ? 'replay.whatIf.hint' : 'replay.whatIf.running')}</p>
        )}
      </section>
    </div>
  );
}
