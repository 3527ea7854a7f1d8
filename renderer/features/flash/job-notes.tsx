import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FlashNote, PlanWarning } from '../../../preload/contract/flash.ts';
import { factTexts } from './fact-texts.ts';
import css from './job.module.css';

/** What went otherwise than asked, and what the board added to the plan's warnings. The same thing said again and again stands there once, with how often. */
export function JobNotes({ notes, warnings }: { notes: readonly FlashNote[]; warnings: readonly PlanWarning[] }) {
  const { t } = useTranslation();
  if (notes.length + warnings.length === 0) return null;
  const counts = new Map<string, number>();
  const sentences = [
    ...warnings.map(({ code, data }) => t(`flash.warning.${code as 'unknown-chip'}`, factTexts(data) as { chip: string })),
    ...notes.map(({ code, data }) => t(`job.note.${code as 'press-boot'}`, factTexts(data) as { how: string })),
  ];
  for (const sentence of sentences) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  return (
    <ul className={css.notes} aria-label={t('job.notes')}>
      {[...counts].map(([sentence, count]) => (
        <li key={sentence}>
          <IconInfoCircle size={14} aria-hidden />
          <span>
            {sentence}
            {count > 1 && ` ×${count}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
