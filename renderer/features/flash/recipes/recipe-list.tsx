import { ActionIcon, Button, Menu, Radio } from '@mantine/core';
import { IconDeviceFloppy, IconDots, IconFileImport, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recipe } from '../../../../preload/contract/recipes.ts';
import { useAction } from '../../../lib/actions.ts';
import { saveFile } from '../../../lib/files.ts';
import { goTo } from '../../../lib/location.ts';
import { wallText } from '../../../lib/quantities.ts';
import { useToasts } from '../../../lib/toasts.ts';
import { chooseFirmware, isEmpty, isProvisioningAlone, useChosenFirmware } from '../chosen-firmware.ts';
import { Confirm } from '../confirm.tsx';
import { pickFiles } from '../dropped-files.ts';
import { loadProvisioning, provisioningOf, useProvisioningDraft } from '../provisioning/draft.ts';
import type { Planned } from '../use-plan.ts';
import { EditRecipe } from './edit-recipe.tsx';
import { contentsOf, firmwareOf, isShelved } from './recipe-files.ts';
import css from './recipes.module.css';
import { SaveRecipe } from './save-recipe.tsx';

export interface RecipeListProps {
  /** Null until they are known. */
  recipes: readonly Recipe[] | null;
  chosenId: string | null;
  planned: Planned;
  onChoose(id: string): void;
}

export function RecipeList({ recipes, chosenId, planned, onChoose }: RecipeListProps) {
  const { t } = useTranslation();
  const { run } = useAction();
  const chosen = useChosenFirmware();
  const [isSaving, setSaving] = useState(false);
  const [editing, setEditing] = useState<Recipe | null>(null);
  const [removing, setRemoving] = useState<Recipe | null>(null);
  const provisioning = provisioningOf(useProvisioningDraft());
  const nothing = isEmpty(chosen) && !isProvisioningAlone(chosen, provisioning);

  async function importFile(): Promise<void> {
    const [file] = await pickFiles({ accept: '.json' });
    const recipe = file === undefined ? null : await run('recipes.import', { json: await file.text() });
    if (recipe !== null) onChoose(recipe.id);
  }

  return (
    <>
      <div className={css.tools}>
        <Button
          leftSection={<IconDeviceFloppy size={15} aria-hidden />}
          disabled={nothing}
          title={nothing ? t('recipes.nothingToSave') : undefined}
          onClick={() => setSaving(true)}
        >
          {t('recipes.save')}
        </Button>
        <Button variant="default" leftSection={<IconFileImport size={15} aria-hidden />} onClick={() => void importFile()}>
          {t('recipes.import')}
        </Button>
      </div>
      {recipes?.length === 0 && <p className="quiet">{t('recipes.none')}</p>}
      <div className={css.list} role="radiogroup" aria-labelledby="recipes-title">
        {recipes?.map((recipe) => (
          <RecipeRow
            key={recipe.id}
            recipe={recipe}
            isChosen={recipe.id === chosenId}
            onChoose={() => onChoose(recipe.id)}
            onEdit={() => setEditing(recipe)}
            onRemove={() => setRemoving(recipe)}
          />
        ))}
      </div>
      {isSaving && <SaveRecipe recipes={recipes ?? []} planned={planned} onSaved={onChoose} onClose={() => setSaving(false)} />}
      {editing !== null && <EditRecipe recipe={editing} onClose={() => setEditing(null)} />}
      {removing !== null && (
        <Confirm
          title={t('recipes.removeTitle', { name: removing.name })}
          what={t('recipes.removeWhat')}
          go={t('recipes.removeNow')}
          onGo={() => void run('recipes.remove', { id: removing.id })}
          onClose={() => setRemoving(null)}
        />
      )}
    </>
  );
}

interface RecipeRowProps {
  recipe: Recipe;
  isChosen: boolean;
  onChoose(): void;
  onEdit(): void;
  onRemove(): void;
}

function RecipeRow({ recipe, isChosen, onChoose, onEdit, onRemove }: RecipeRowProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const show = useToasts((state) => state.show);
  const { id, name, chip, family, files, buildFolder, provisioning, notes, changedWallMs } = recipe;

  async function load(): Promise<void> {
    const exported = isShelved(recipe) ? await run('recipes.export', { id, withFiles: true }) : { json: '{}' };
    if (exported === null) return;
    chooseFirmware(firmwareOf(recipe, contentsOf(exported.json)));
    loadProvisioning(provisioning);
    show({ kind: 'done', text: t('recipes.loaded', { name }) });
    goTo('/flash');
  }
  async function save(withFiles: boolean): Promise<void> {
    const exported = await run('recipes.export', { id, withFiles });
    if (exported !== null) saveFile(exported.name, new TextEncoder().encode(exported.json));
  }
  const facts = [
    chip ?? (family === 'esp' ? t('recipes.anyChip') : t(`flash.family.${family}`)),
    ...(files.length === 0 ? [] : [t('recipes.files', { count: files.length })]),
    ...(buildFolder === undefined ? [] : [t('recipes.folder')]),
    ...(provisioning === undefined ? [] : [t('recipes.provisions')]),
    t('recipes.changed', { when: wallText(changedWallMs) }),
  ];
  return (
    <div className={css.recipe} data-chosen={isChosen || undefined}>
      <Radio
        checked={isChosen}
        aria-label={t('recipes.choose', { name })}
        onChange={onChoose}
        label={
          <span className={css.recipeLabel}>
            <strong>{name}</strong>
            <span className="quiet">{facts.join(' · ')}</span>
            {notes !== '' && <span className={css.notes}>{notes}</span>}
          </span>
        }
      />
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconPlayerPlay size={13} aria-hidden />}
        aria-label={t('recipes.loadWhat', { name })}
        loading={isBusy}
        onClick={() => void load()}
      >
        {t('recipes.load')}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t('recipes.more', { name })}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onEdit}>{t('recipes.edit')}</Menu.Item>
          <Menu.Item
            onClick={() =>
              void run('recipes.save', { recipe: { ...recipe, id: crypto.randomUUID(), name: t('recipes.copyOf', { name }) } })
            }
          >
            {t('recipes.duplicate')}
          </Menu.Item>
          <Menu.Item onClick={() => void save(true)}>{t('recipes.export')}</Menu.Item>
          <Menu.Item onClick={() => void save(false)}>{t('recipes.exportBare')}</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" onClick={onRemove}>
            {t('recipes.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
