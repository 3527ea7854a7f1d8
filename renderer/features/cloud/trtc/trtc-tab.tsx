import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrtcState } from '../../../../preload/contract/cloud/trtc.ts';
import { type Fold, useSharedStream } from '../../../lib/shared-stream.ts';
import { useAccount } from '../account/account-streams.ts';
import css from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import { LatestMessages } from '../latest-messages.tsx';
import { firstParameters, type Parameters } from './parameters.ts';
import { RoomList } from './room-list.tsx';
import { StartForm } from './start-form.tsx';
import { TaskList } from './task-list.tsx';
import { TrtcKeys } from './trtc-keys.tsx';
import { TrtcTalk } from './trtc-talk.tsx';

const fold: Fold<'trtc.state', TrtcState> = { start: (state) => state, apply: (state, items) => items.at(-1) ?? state };

/** TRTC conversations: what runs, who is in which room, and the client, backend and keys to try it with. */
export function TrtcTab() {
  const { t } = useTranslation();
  const state = useSharedStream('trtc.state', {}, fold);
  const account = useAccount();
  const [edited, setEdited] = useState<Parameters | null>(null);
  if (state === null || account === null) return null;
  const parameters = edited ?? firstParameters(account.sdkAppId);
  return (
    <div className={css.columns}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('cloud.tab.trtc')}>
        <TaskList tasks={state.tasks} />
        <RoomList rooms={state.rooms} />
        <LatestMessages title={t('trtc.messages')} empty={t('trtc.noMessages')} filter={{ gateways: ['trtc'] }} link="gateway=trtc" />
        <StartForm parameters={parameters} hasKey={state.hasSdkSecretKey} onChange={setEdited} />
      </section>
      <aside className={css.side} aria-label={t('cloud.settings')}>
        <TrtcTalk sdkAppId={account.sdkAppId} rooms={state.rooms} />
        <TrtcKeys state={state} />
        <CloudSettings group="trtc" />
      </aside>
    </div>
  );
}
