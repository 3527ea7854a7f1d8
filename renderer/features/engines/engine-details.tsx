import { Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { EngineKind, EngineProfile, EngineStage } from '../../../preload/contract/engines.ts';
import type { EngineChoice } from '../../../preload/contract/pipeline.ts';
import { useAction } from '../../lib/actions.ts';
import { EngineTest } from './engine-test.tsx';
import css from './engines.module.css';
import { LatencyCost, partsOf } from './latency-cost.tsx';
import { PhrasesCard } from './phrases-card.tsx';
import { ProfileForm } from './profile-form.tsx';

interface DetailsProps {
  stage: EngineStage;
  id: string;
  /** Undefined for 'auto', and for one that is gone. */
  choice: EngineChoice | undefined;
  profile: EngineProfile | null;
  kinds: readonly EngineKind[];
  isInUse: boolean;
  onRemoved(): void;
}

/** One engine: what it is, whether it runs, how well, and what its stage costs. */
export function EngineDetails({ stage, id, choice, profile, kinds, isInUse, onRemoved }: DetailsProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const isAutomatic = id === 'auto';
  const isAvailable = isAutomatic || choice?.isAvailable === true;
  return (
    <>
      <header className={css.head}>
        <h1>{isAutomatic ? t('engines.automatic') : (profile?.name ?? id)}</h1>
        <span className="quiet">
          {t(`engines.stage.${stage}`)}
          {profile === null && !isAutomatic && ` · ${t('engines.embedded')}`}
        </span>
        <span className={css.grow} />
        {isInUse ? (
          <span className={css.used}>
            <IconCheck size={15} aria-hidden /> {t('engines.used')}
          </span>
        ) : (
          <Button
            disabled={!isAvailable}
            loading={isBusy}
            onClick={() => void run('settings.set', { changes: { engines: { [stage]: id } } })}
          >
            {t('engines.use')}
          </Button>
        )}
      </header>
      {profile === null && (
        <div className={css.facts2}>
          <div data-bad={!isAvailable || undefined}>
            {isAutomatic
              ? t('engines.automaticHint')
              : isAvailable
                ? t('engines.available')
                : t('engines.missing', { missing: choice?.missing ?? id })}
          </div>
          {choice !== undefined && choice.languages.length > 0 && (
            <div className="quiet">
              {t('engines.languages')}: {choice.languages.join(', ')}
            </div>
          )}
        </div>
      )}
      {profile !== null && <ProfileForm kinds={kinds} profile={profile} stage={stage} onSaved={() => {}} onRemoved={onRemoved} />}
      {isAvailable && <EngineTest stage={stage} id={id} languages={choice?.languages ?? []} />}
      {stage === 'stt' && id === 'phrase' && <PhrasesCard />}
      <LatencyCost parts={partsOf[stage] ?? []} />
    </>
  );
}
