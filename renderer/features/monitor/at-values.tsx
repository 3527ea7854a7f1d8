import { useTranslation } from 'react-i18next';
import type { AtValue } from '../../../preload/contract/at.ts';
import css from './at-console.module.css';

/** Where the number is a code, its meaning is the value. */
const codes: readonly AtValue['name'][] = [
  'registration',
  'functionality',
  'attached',
  'active',
  'operatorMode',
  'batteryState',
  'sim',
  'service',
];

export function useValueText(): (value: AtValue) => string {
  const { t } = useTranslation();
  return ({ name, value, unit, note }) => {
    if (note !== undefined && codes.includes(name)) return t(`at.note.${note}`);
    const number = value === null ? t('at.missing') : `${value}${unit === undefined ? '' : ` ${unit}`}`;
    return note === undefined || note === 'as-given' ? number : `${number} · ${t(`at.note.${note}`)}`;
  };
}

/** Decoded facts, each in the colour of its verdict. The verdict is also said, for who sees no colour. */
export function AtValues({ values }: { values: readonly AtValue[] }) {
  const { t } = useTranslation();
  const textOf = useValueText();
  if (values.length === 0) return null;
  return (
    <ul className={css.values}>
      {values.map((value, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an answer says the same thing of several contexts, in its own order
        <li key={at} className={css.value} data-verdict={value.verdict} title={t(`at.verdict.${value.verdict}`)}>
          <span className="quiet">{t(`at.name.${value.name}`)}</span> <b>{textOf(value)}</b>
        </li>
      ))}
    </ul>
  );
}
