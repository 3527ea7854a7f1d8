import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recipe } from '../../../../preload/contract/recipes.ts';
import { useAction } from '../../../lib/actions.ts';
import css from './recipes.module.css';

/** What people call a recipe and say about it; what it flashes stays. */
export function EditRecipe({ recipe, onClose }: { recipe: Recipe; onClose(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [name, setName] = useState(recipe.name);
  const [notes, setNotes] = useState(recipe.notes);
  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const saved = await run('recipes.save', { recipe: { ...recipe, name: name.trim(), notes } });
    if (saved !== null) onClose();
  }
  return (
    <Modal opened onClose={onClose} title={recipe.name} closeButtonProps={{ 'aria-label': t('monitor.close') }}>
      <form className={css.dialog} onSubmit={(event) => void onSubmit(event)}>
        <TextInput
          data-autofocus
          label={t('recipes.name')}
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={t('recipes.notes')}
          placeholder={t('recipes.notesHint')}
          maxLength={4000}
          autosize
          minRows={3}
          value={notes}
          onChange={(event) => setNotes(event.currentTarget.value)}
        />
        <Button type="submit" loading={isBusy} disabled={name.trim() === ''}>
          {t('recipes.saveNow')}
        </Button>
      </form>
    </Modal>
  );
}
