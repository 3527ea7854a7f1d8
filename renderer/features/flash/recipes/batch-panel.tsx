import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recipe } from '../../../../preload/contract/recipes.ts';
import { wallText } from '../../../lib/quantities.ts';
import { useBenchBoards } from '../bench-boards.ts';
import { useBatches } from '../flash-streams.ts';
import { BatchForm } from './batch-form.tsx';
import { BatchView } from './batch-view.tsx';
import css from './recipes.module.css';

/** Boards to flash with one recipe, and how the batches of this run went. */
export function BatchPanel({ recipe }: { recipe: Recipe | null }) {
  const { t } = useTranslation();
  const bench = useBenchBoards();
  const batches = useBatches() ?? [];
  // Values asked for stay while the screen is shown: the next board of the same batch needs them again.
  const [variables, setVariables] = useState<Record<string, string>>({});
  const [latest, ...earlier] = batches.toReversed();
  return (
    <section className={css.batch} aria-labelledby="batch-title">
      <h2 id="batch-title">{t('recipes.batch.title')}</h2>
      {recipe === null ? (
        <p className="quiet">{t('recipes.batch.chooseRecipe')}</p>
      ) : (
        <BatchForm key={recipe.id} recipe={recipe} bench={bench} variables={variables} onVariables={setVariables} />
      )}
      {latest === undefined ? (
        <p className="quiet">{t('recipes.batch.none')}</p>
      ) : (
        <BatchView batch={latest} bench={bench} variables={variables} />
      )}
      {earlier.length > 0 && (
        <details className={css.earlier}>
          <summary>{t('recipes.batch.history')}</summary>
          {earlier.map((batch) => (
            <details key={batch.batchId}>
              <summary>{t('recipes.batch.of', { name: batch.name, when: wallText(batch.startedWallMs) })}</summary>
              <BatchView batch={batch} bench={bench} variables={variables} />
            </details>
          ))}
        </details>
      )}
    </section>
  );
}
