import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NoteColour } from '../../../../preload/contract/notes.ts';
import css from './notes.module.css';
import { colourOfNote, noteColours } from './use-notes.ts';

export interface NoteDraft {
  text: string;
  colour: NoteColour;
}

/** Writes a note: Ctrl+Enter keeps it, Escape leaves it. `place`: what it is on, in words. */
export function NoteEditor({
  place,
  initial,
  isBusy,
  onSave,
  onCancel,
}: {
  place: string;
  initial: NoteDraft;
  isBusy: boolean;
  onSave(draft: NoteDraft): void;
  onCancel(): void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(initial.text);
  const [colour, setColour] = useState(initial.colour);
  const isEmpty = text.trim() === '';
  return (
    <form
      className={css.write}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isEmpty) onSave({ text: text.trim(), colour });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel();
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
      }}
    >
      <Textarea
        label={place}
        aria-label={`${t('playback.note.text')} · ${place}`}
        value={text}
        maxLength={20_000}
        autosize
        minRows={2}
        maxRows={8}
        autoFocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={css.row}>
        <div className={css.colours} role="radiogroup" aria-label={t('playback.note.colour')}>
          {noteColours.map((each) => (
            <label key={each} title={t(`playback.note.colours.${each}`)}>
              <input
                type="radio"
                name="note-colour"
                aria-label={t(`playback.note.colours.${each}`)}
                checked={each === colour}
                onChange={() => setColour(each)}
              />
              <span style={{ background: colourOfNote[each] }} />
            </label>
          ))}
        </div>
        <span style={{ flex: 1 }} />
        <Button variant="default" size="compact-xs" onClick={onCancel}>
          {t('playback.note.cancel')}
        </Button>
        <Button type="submit" size="compact-xs" loading={isBusy} disabled={isEmpty}>
          {t('playback.note.save')}
        </Button>
      </div>
    </form>
  );
}
