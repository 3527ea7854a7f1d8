import { Button, FileButton, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { LintFinding } from '../../../preload/contract/agents.ts';
import { useAction, useReply } from '../../lib/actions.ts';
import { saveFile } from '../../lib/files.ts';
import { Findings } from '../settings/tools/findings.tsx';
import css from './agents.module.css';

/** What the product's boards can do and say, as the console has it, and whether the tools fit it. */
export function ThingModelPart({ productId, findings }: { productId: string; findings: readonly LintFinding[] | null }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const queries = useQueryClient();
  const got = useReply('thingmodel.get', { productId });
  if (got.data === undefined) return null;
  const { model, isBuiltIn } = got.data;
  async function put(json: string | null): Promise<void> {
    if ((await run('thingmodel.put', { productId, json })) === null) return;
    await queries.invalidateQueries({ queryKey: ['thingmodel.get'] });
    await queries.invalidateQueries({ queryKey: ['thingmodel.lint'] });
  }
  const lists = [
    ['actions', model.actions.map((action) => ({ id: action.id, text: action.desc || action.name }))],
    ['properties', model.properties.map((property) => ({ id: property.id, text: `${property.name} · ${property.define.type}` }))],
    ['events', model.events.map((event) => ({ id: event.id, text: event.name }))],
  ] as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.sheet} tabIndex={0} aria-label={t('agents.part.thingModel')}>
      <div>{isBuiltIn ? t('agents.thingModel.builtIn') : t('agents.thingModel.own')}</div>
      <Group gap={8}>
        <FileButton accept=".json,application/json" onChange={(file) => void file?.text().then((text) => put(text))}>
          {(props) => (
            <Button {...props} loading={isBusy}>
              {t('agents.thingModel.import')}
            </Button>
          )}
        </FileButton>
        <Button
          variant="default"
          onClick={() => saveFile(`${productId}-thing-model.json`, new TextEncoder().encode(JSON.stringify(model, null, 2)))}
        >
          {t('agents.saveFile')}
        </Button>
        {!isBuiltIn && (
          <Button variant="default" onClick={() => void put(null)}>
            {t('agents.thingModel.builtInAgain')}
          </Button>
        )}
        <span className="quiet">{t('agents.thingModel.importHint')}</span>
      </Group>
      {findings !== null && findings.length > 0 && <Findings findings={findings} />}
      {findings?.length === 0 && <div className="quiet">{t('agents.lint.clean')}</div>}
      {lists.map(([name, entries]) => (
        <section key={name} aria-labelledby={`thing-${name}`}>
          <h2 id={`thing-${name}`}>{t(`agents.thingModel.${name}`)}</h2>
          {entries.length === 0 && <div className="quiet">{t('agents.thingModel.none')}</div>}
          {entries.map((entry) => (
            <div key={entry.id} className={css.thing}>
              <span className="mono">{entry.id}</span>
              <span className="quiet">{entry.text}</span>
            </div>
          ))}
        </section>
      ))}
      <details>
        <summary>{t('agents.thingModel.json')}</summary>
        <pre className={css.json}>{JSON.stringify(model, null, 2)}</pre>
      </details>
    </section>
  );
}
