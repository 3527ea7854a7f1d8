import { useTranslation } from 'react-i18next';
import type { XiaozhiState } from '../../../../preload/contract/cloud/xiaozhi.ts';
import { type Fold, useSharedStream } from '../../../lib/shared-stream.ts';
import css from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import { LatestMessages } from '../latest-messages.tsx';
import { Activations } from './activations.tsx';
import { BoardCard } from './board-card.tsx';
import { PointBoard } from './point-board.tsx';
import { XiaozhiTalk } from './xiaozhi-talk.tsx';

const fold: Fold<'xiaozhi.state', XiaozhiState> = { start: (state) => state, apply: (state, items) => items.at(-1) ?? state };

/** xiaozhi boards: how they get here, who is connected, and their tools. */
export function XiaozhiTab() {
  const { t } = useTranslation();
  const state = useSharedStream('xiaozhi.state', {}, fold);
  if (state === null) return null;
  return (
    <div className={css.columns}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('cloud.tab.xiaozhi')}>
        <PointBoard otaUrl={state.otaUrl} />
        <Activations activations={state.activations} />
        <section aria-labelledby="xiaozhi-boards">
          <h2 id="xiaozhi-boards">{t('xiaozhi.boards')}</h2>
          {state.boards.length === 0 && <p className="quiet">{t('xiaozhi.noBoards')}</p>}
          <div style={{ display: 'grid', gap: 8 }}>
            {state.boards.map((board) => (
              <BoardCard key={board.deviceName} board={board} />
            ))}
          </div>
        </section>
        <LatestMessages
          title={t('xiaozhi.messages')}
          empty={t('xiaozhi.noMessages')}
          filter={{ gateways: ['xiaozhi'] }}
          link="gateway=xiaozhi"
        />
      </section>
      <aside className={css.side} aria-label={t('cloud.settings')}>
        <XiaozhiTalk />
        <CloudSettings group="xiaozhi" />
      </aside>
    </div>
  );
}
