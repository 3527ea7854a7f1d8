import { ActionIcon, Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { highlightColours } from '../../lib/log-columns.ts';
import { colourOf } from './mark-colours.ts';
import type { MonitorSettings } from './monitor-document.ts';
import { useMonitorSettings } from './monitor-settings.ts';
import { isExpressionFaulty } from './pattern-field.tsx';
import css from './popover.module.css';

type Rule = MonitorSettings['highlights'][number];

const freshRule: Rule = { name: '', pattern: { text: '', isRegexp: false, isCaseSensitive: false }, colour: 'yellow', isOn: true };

/** Words that are marked wherever they stand. Changed here, saved as a whole. */
export function HighlightsEditor({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const { monitor, save } = useMonitorSettings();
  const [rules, setRules] = useState<readonly Rule[]>(monitor.highlights.length > 0 ? monitor.highlights : [freshRule]);
  const change = (index: number, to: Partial<Rule>): void => setRules(rules.map((rule, at) => (at === index ? { ...rule, ...to } : rule)));
  const isFaulty = rules.some((rule) => isExpressionFaulty(rule.pattern));

  async function keep(): Promise<void> {
    const named = rules
      .filter((rule) => rule.pattern.text !== '')
      .map((rule) => ({ ...rule, name: (rule.name.trim() === '' ? rule.pattern.text : rule.name.trim()).slice(0, 80) }));
    if (await save({ highlights: named })) onClose();
  }

  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('monitor.close') }}
      title={t('monitor.highlights.title')}
      size={640}
    >
      <div className={css.popover}>
        {rules.map((rule, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rules are rows of a form, known by their place
          <div key={index} className={css.row}>
            <Checkbox
              aria-label={t('monitor.highlights.isOn')}
              checked={rule.isOn}
              onChange={(event) => change(index, { isOn: event.currentTarget.checked })}
            />
            <TextInput
              className={css.grow}
              classNames={{ input: 'mono' }}
              aria-label={t('monitor.highlights.pattern')}
              placeholder={t('monitor.highlights.pattern')}
              error={isExpressionFaulty(rule.pattern)}
              value={rule.pattern.text}
              onChange={(event) => change(index, { pattern: { ...rule.pattern, text: event.currentTarget.value } })}
            />
            <TextInput
              w={120}
              aria-label={t('monitor.highlights.name')}
              placeholder={t('monitor.highlights.name')}
              value={rule.name}
              onChange={(event) => change(index, { name: event.currentTarget.value })}
            />
            <Checkbox
              label=".*"
              aria-label={t('monitor.regexp')}
              checked={rule.pattern.isRegexp}
              onChange={(event) => change(index, { pattern: { ...rule.pattern, isRegexp: event.currentTarget.checked } })}
            />
            <Checkbox
              label="Aa"
              aria-label={t('monitor.caseSensitive')}
              checked={rule.pattern.isCaseSensitive}
              onChange={(event) => change(index, { pattern: { ...rule.pattern, isCaseSensitive: event.currentTarget.checked } })}
            />
            {highlightColours.map((colour) => (
              <button
                key={colour}
                type="button"
                className={css.swatch}
                style={{ background: colourOf[colour] }}
                aria-label={t(`monitor.colour.${colour}`)}
                aria-pressed={rule.colour === colour}
                onClick={() => change(index, { colour })}
              />
            ))}
            <ActionIcon aria-label={t('monitor.highlights.remove')} onClick={() => setRules(rules.filter((_, at) => at !== index))}>
              <IconTrash size={15} />
            </ActionIcon>
          </div>
        ))}
        <div className={css.row}>
          <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setRules([...rules, freshRule])}>
            {t('monitor.highlights.add')}
          </Button>
          <span className={css.grow} />
          <Button onClick={() => void keep()} disabled={isFaulty}>
            {t('monitor.highlights.save')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
