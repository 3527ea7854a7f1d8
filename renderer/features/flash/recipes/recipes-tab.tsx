import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecipes } from '../flash-streams.ts';
import type { Planned } from '../use-plan.ts';
import { BatchPanel } from './batch-panel.tsx';
import { RecipeList } from './recipe-list.tsx';
import css from './recipes.module.css';

/** Kept firmware on the left, boards to flash by it on the right. */
export function RecipesTab({ planned }: { planned: Planned }) {
  const { t } = useTranslation();
  const recipes = useRecipes();
  const [chosenId, setChosenId] = useState<string | null>(null);
  const chosen = recipes?.find(({ id }) => id === chosenId) ?? (recipes?.length === 1 ? recipes[0] : undefined) ?? null;
  return (
    <div className={css.tab}>
      <section className={css.recipes} aria-labelledby="recipes-title">
        <h1 id="recipes-title">{t('recipes.title')}</h1>
        <RecipeList recipes={recipes} chosenId={chosen?.id ?? null} planned={planned} onChoose={setChosenId} />
      </section>
      <BatchPanel recipe={chosen} />
    </div>
  );
}
