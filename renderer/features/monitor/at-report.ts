import type { TFunction } from 'i18next';
import type { AtBringUp, AtValue } from '../../../preload/contract/at.ts';
import { maskIdentities } from '../../../preload/contract/identities.ts';

/** A bring-up to be handed over: a line a step, with the modem's words and what to do where it did not pass. Identities are masked. */
export function reportText(t: TFunction, report: AtBringUp, textOf: (value: AtValue) => string): string {
  const lines = report.steps.flatMap((step) => {
    const facts = step.values.map((value) => `${t(`at.name.${value.name}`)} ${textOf(value)}`).join(' · ');
    const why = step.needs === undefined ? facts : t('at.bringUp.needs', { step: step.needs });
    const head = [String(step.number).padStart(2), t(`at.bringUp.state.${step.state}`), t(`at.step.${step.id}`), why];
    const isFine = step.state === 'passed' || step.state === 'skipped' || step.state === 'waiting';
    return [
      head.filter((each) => each !== '').join('  '),
      ...(isFine ? [] : step.evidence.map((line) => `      ${line}`)),
      ...(isFine || step.next === undefined ? [] : [`      ${t('at.bringUp.next', { next: t(`at.next.${step.next}`) })}`]),
    ];
  });
  return maskIdentities([report.model ?? t(`at.family.${report.family}`), ...lines].join('\n'));
}
