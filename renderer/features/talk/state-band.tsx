import {
  IconBrain,
  IconEar,
  IconHandStop,
  IconMicrophone,
  IconPhoneOff,
  IconPlayerPause,
  IconPointFilled,
  IconVolume,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import css from './conversation.module.css';
import { LevelMeter } from './level-meter.tsx';
import type { Levels } from './levels.ts';
import type { ShownState } from './shown-state.ts';

const icons = {
  idle: IconPointFilled,
  listening: IconEar,
  hearing: IconMicrophone,
  thinking: IconBrain,
  speaking: IconVolume,
  interrupted: IconHandStop,
  paused: IconPlayerPause,
  closed: IconPhoneOff,
} as const;

/** Who has the word, in colour, form and words, with the levels of both sides. */
export function StateBand({ state, conversationId, levels }: { state: ShownState; conversationId: string; levels: Levels }) {
  const { t } = useTranslation();
  const Icon = icons[state];
  return (
    <div className={css.band} data-state={state}>
      <Icon size={22} stroke={2} aria-hidden />
      <strong role="status" data-testid="conversation-state">
        {t(`talk.shown.${state}`)}
      </strong>
      <span className={css.bandHint}>{t(`talk.shownHint.${state}`)}</span>
      <span className={css.meters}>
        <IconMicrophone size={14} aria-hidden />
        <LevelMeter levels={levels} conversationId={conversationId} side="uplink" label={t('talk.level.uplink')} />
        <IconVolume size={14} aria-hidden />
        <LevelMeter levels={levels} conversationId={conversationId} side="downlink" label={t('talk.level.downlink')} />
      </span>
    </div>
  );
}
