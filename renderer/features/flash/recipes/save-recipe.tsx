import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recipe } from '../../../../preload/contract/recipes.ts';
import { useAction } from '../../../lib/actions.ts';
import { useChosenFirmware } from '../chosen-firmware.ts';
import { provisioningOf, useProvisioningDraft } from '../provisioning/draft.ts';
import type { Planned } from '../use-plan.ts';
import { recipeOf } from './recipe-files.ts';
import css from './recipes.module.css';

export interface SaveRecipeProps {
  recipes: readonly Recipe[];
  planned: Planned;
  onSaved(id: string): void;
  onClose(): void;
}

/** Keeps what is chosen under a name. The name of a recipe there is replaces it. */
export function SaveRecipe({ recipes, planned: { shown }, onSaved, onClose }: SaveRecipeProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const chosen = useChosenFirmware();
  const provisioning = provisioningOf(useProvisioningDraft());
  const [name, setName] = useState(shown?.title ?? '');
  const [notes, setNotes] = useState('');
  const replaced = recipes.find((recipe) => recipe.name === name.trim());
  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const facts = { id: replaced?.id ?? crypto.randomUUID(), name: name.trim(), notes: notes === '' ? (replaced?.notes ?? '') : notes };
    const saved = await run('recipes.save', await recipeOf(chosen, shown, provisioning, facts));
    if (saved === null) return;
    onSaved(saved.id);
    onClose();
  }
  return (
    <Modal opened onClose={onClose} title={t('recipes.saveTitle')} closeButtonProps={{ 'aria-label': t('monitor.close') }}>
      <form className={css.dialog} onSubmit={(event) => void onSubmit(event)}>
        <TextInput
          data-autofocus
          label={t('recipes.name')}
          description={replaced === undefined ? undefined : t('recipes.replaces')}
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={t('recipes.notes')}
          placeholder={replaced?.notes === '' || replaced === undefined ? t('recipes.notesHint') : replaced.notes}
          maxLength={4000}
          autosize
          minRows={2}
          value={notes}
          onChange={(event) => setNotes(event.currentTarget.value)}
        />
        {provisioning !== null && <p className="quiet">{t('recipes.secretsLeftOut')}</p>}
        <Button type="submit" loading={isBusy} disabled={name.trim() === ''}>
          {t('recipes.saveNow')}
        </Button>
      </form>
    </Modal>
  );
}
