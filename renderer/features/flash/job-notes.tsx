import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FlashNote } from '../../../preload/contract/flash.ts';
import { factTexts } from './fact-texts.ts';
import css from './job.module.css';

/** What went otherwise than asked. The same thing said again and again stands there once, with how often. */
export function JobNotes({ notes }: { notes: readonly FlashNote[] }) {
  const { t } = useTranslation();
  if (notes.length === 0) return null;
  const counts = new Map<string, number>();
  for (const { code, data } of notes) {
    const sentence = t(`job.note.${code as 'press-boot'}`, factTexts(data) as { how: string });
    counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  }
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
