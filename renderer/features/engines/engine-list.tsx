import { ActionIcon, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { EngineKind, EngineProfile, EngineStage } from '../../../preload/contract/engines.ts';
import type { EngineChoice } from '../../../preload/contract/pipeline.ts';
import css from './engines.module.css';

export const stages = ['stt', 'llm', 'tts', 'vad'] as const satisfies readonly EngineStage[];

interface ListProps {
  choices: readonly EngineChoice[];
  profiles: readonly EngineProfile[];
  /** What the bench has chosen for each stage. */
  chosen: Readonly<Record<EngineStage, string>>;
  /** `stage:id`; null while a new one is written. */
  current: string | null;
  kinds: readonly EngineKind[];
  onShow(stage: EngineStage, id: string): void;
  onNew(stage: EngineStage): void;
}

/** Every engine by what it does: which is in use, which cannot run here. */
export function EngineList({ choices, profiles, chosen, current, kinds, onShow, onNew }: ListProps) {
  const { t } = useTranslation();
  return (
    <nav className={css.list} aria-label={t('engines.list')}>
      {stages.map((stage) => {
        const named = choices.filter((each) => each.stage === stage).map(({ id, isAvailable }) => ({ id, isAvailable }));
        const entries = [...(stage === 'llm' ? [] : [{ id: 'auto', isAvailable: true }]), ...named];
        return (
          <section key={stage} aria-label={t(`engines.stage.${stage}`)}>
            <h2>
              {t(`engines.stage.${stage}`)}
              {kinds.some((kind) => kind.stage === stage) && (
                <Tooltip label={t('engines.new')}>
                  <ActionIcon size={20} aria-label={`${t('engines.new')}: ${t(`engines.stage.${stage}`)}`} onClick={() => onNew(stage)}>
                    <IconPlus size={14} />
                  </ActionIcon>
                </Tooltip>
              )}
            </h2>
            {entries.map(({ id, isAvailable }) => {
              const profile = profiles.find((each) => each.stage === stage && each.id === id);
              return (
                <button
                  key={id}
                  type="button"
                  className={css.entry}
                  aria-current={current === `${stage}:${id}` || undefined}
                  data-off={!isAvailable || undefined}
                  onClick={() => onShow(stage, id)}
                >
                  {!isAvailable && <IconAlertTriangle size={13} aria-label={t('engines.unavailable')} />}
                  <span className="truncate">{id === 'auto' ? t('engines.automatic') : (profile?.name ?? id)}</span>
                  {chosen[stage] === id && <small className={css.inUse}>{t('engines.inUse')}</small>}
                </button>
              );
            })}
          </section>
        );
      })}
    </nav>
  );
}
