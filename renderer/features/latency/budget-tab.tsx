import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LatencyCheck } from '../../../preload/contract/latency.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { useDelayedText } from '../../lib/delayed-text.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useSettings } from '../../lib/streams.ts';
import css from './latency.module.css';
import { type Asked, useChecks } from './latency-data.ts';
import { msText } from './latency-words.ts';

interface BudgetTabProps {
  asked: Asked;
  conditions: string;
  nameOf(group: string): string;
  change(changes: Record<string, string | null>): void;
}

/** What is allowed, and which groups keep it: the same conditions as `talkbench latency --assert`. */
export function BudgetTab({ asked, conditions, nameOf, change }: BudgetTabProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const budgets = useSettings()?.latency.budgets ?? [];
  const [name, setName] = useState('');
  const typed = useDelayedText(conditions, (text) => change({ assert: text === '' ? null : text }));
  const checks = useChecks(asked, conditions);
  const found = checks.data?.checks ?? [];

  async function save(): Promise<void> {
    const others = budgets.filter((budget) => budget.name !== name.trim());
    const saved = await run('settings.set', { changes: { latency: { budgets: [...others, { name: name.trim(), conditions }] } } });
    if (saved !== null) setName('');
  }
  return (
    <div className={css.page}>
      <section className={css.card}>
        <TextInput
          label={t('latency.conditions')}
          description={t('latency.conditionsHint')}
          classNames={{ input: 'mono' }}
          value={typed.text}
          spellCheck={false}
          placeholder="v2v.p95<1200, unanswered==0"
          onChange={(event) => typed.type(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && typed.flush()}
        />
        <form
          style={{ display: 'flex', gap: 8, alignItems: 'end' }}
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <TextInput
            w={220}
            label={t('latency.budgetName')}
            value={name}
            maxLength={80}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button
            type="submit"
            variant="default"
            loading={isBusy}
            disabled={name.trim() === '' || conditions.trim() === '' || checks.error !== null}
          >
            {t('latency.saveBudget')}
          </Button>
        </form>
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 6, alignItems: 'center' }}>
          <span className="quiet">{budgets.length === 0 ? t('latency.noBudgets') : t('latency.savedBudgets')}</span>
          {budgets.map((budget) => (
            <Button.Group key={budget.name}>
              <Button
                size="compact-sm"
                variant={budget.conditions === conditions ? 'light' : 'default'}
                title={budget.conditions}
                onClick={() => change({ assert: budget.conditions })}
              >
                {budget.name}
              </Button>
              <ActionIcon
                variant="default"
                aria-label={`${t('latency.removeBudget')}: ${budget.name}`}
                onClick={() => void run('settings.set', { changes: { latency: { budgets: budgets.filter((each) => each !== budget) } } })}
              >
                <IconX size={13} />
              </ActionIcon>
            </Button.Group>
          ))}
        </div>
      </section>
      {checks.error !== null && conditions.trim() !== '' ? (
        <ErrorNotice error={errorValueOf(checks.error)} />
      ) : found.length === 0 || conditions.trim() === '' ? (
        <p className="quiet">{t('latency.noConditions')}</p>
      ) : (
        <CheckTable checks={found} nameOf={nameOf} />
      )}
    </div>
  );
}

export function CheckTable({ checks, nameOf }: { checks: readonly LatencyCheck[]; nameOf(group: string): string }) {
  const { t } = useTranslation();
  const broken = checks.filter(({ isMet }) => !isMet).length;
  const why = { 'no-values': t('latency.none'), 'too-few': t('latency.tooFew'), censored: t('latency.isCensored') };
  return (
    <section>
      <p role="status" className={broken > 0 ? css.warning : ''}>
        {broken > 0 ? t('latency.broken', { broken, count: checks.length }) : t('latency.kept', { count: checks.length })}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by key */}
      <section className={css.tableBox} aria-label={t('latency.budgets')} tabIndex={0}>
        <table className={css.figures} data-testid="latency-checks">
          <thead>
            <tr>
              <th data-left scope="col">
                {t('latency.check')}
              </th>
              <th data-left scope="col">
                {t('latency.group')}
              </th>
              <th scope="col">{t('latency.found')}</th>
              <th scope="col">{t('latency.n')}</th>
              <th scope="col">{t('latency.censored')}</th>
              <th data-left scope="col">
                {t('latency.verdictLabel')}
              </th>
            </tr>
          </thead>
          <tbody>
            {checks.map(({ text, group, found, reason, n, censored, isMet }) => (
              <tr key={`${group} ${text}`}>
                <th scope="row" className="mono">
                  {text}
                </th>
                <td data-left>{nameOf(group)}</td>
                <td>{found === null ? t('latency.noFigure', { why: why[reason ?? 'no-values'] }) : msText(found)}</td>
                <td>{n}</td>
                <td>{censored}</td>
                <td data-left data-good={isMet || undefined} data-bad={!isMet || undefined}>
                  {isMet ? t('latency.met') : t('latency.notMet')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
