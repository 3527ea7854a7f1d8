import { ActionIcon, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { JsonEditor } from '../json-editor.tsx';
import { SecretFields } from './secret-fields.tsx';
import { headersOf, headersText, type OwnTool, secretNames } from './tool-edits.ts';
import css from './tools.module.css';

interface CardProps {
  tool: OwnTool;
  onChange(next: OwnTool): void;
  onRemove(): void;
}

/** A tool that is no action of the board: what it is called, and what it needs to know. */
export function OwnToolCard({ tool, onChange, onRemove }: CardProps) {
  const { t } = useTranslation();
  const change = (part: Record<string, unknown>): void => onChange({ ...tool, ...part });
  return (
    <div className={css.card} data-tool={tool.name}>
      <div className={css.cardHead}>
        <strong>{t(`agents.tools.source.${tool.source}`)}</strong>
        <ActionIcon aria-label={t('agents.tools.remove', { name: tool.name })} onClick={onRemove}>
          <IconTrash size={15} />
        </ActionIcon>
      </div>
      <Draft label={t('agents.tools.name')} value={tool.name} pattern={/^[\w-]{1,64}$/} onApply={(name) => change({ name })} />
      {(tool.source === 'http' || tool.source === 'knowledge') && (
        <Draft
          label={t('agents.tools.description')}
          hint={t('agents.tools.descriptionHint')}
          value={tool.description}
          onApply={(description) => change({ description })}
        />
      )}
      {tool.source === 'knowledge' && (
        <Draft
          label={t('agents.tools.folder')}
          hint={t('agents.tools.folderHint')}
          value={tool.folder}
          onApply={(folder) => change({ folder })}
        />
      )}
      {tool.source === 'weather' && (
        <Draft label={t('agents.tools.url')} hint={t('agents.tools.weatherHint')} value={tool.url} onApply={(url) => change({ url })} />
      )}
      {tool.source === 'http' && <HttpFields tool={tool} onChange={change} />}
      {'url' in tool && <SecretFields names={secretNames(`${tool.url}\n${tool.source === 'http' ? headersText(tool.headers) : ''}`)} />}
    </div>
  );
}

function HttpFields({ tool, onChange }: { tool: Extract<OwnTool, { source: 'http' }>; onChange(part: Record<string, unknown>): void }) {
  const { t } = useTranslation();
  const [headers, setHeaders] = useState(headersText(tool.headers));
  const parsed = headersOf(headers);
  return (
    <>
      <div className={css.row}>
        <Select
          w={90}
          label={t('agents.tools.method')}
          allowDeselect={false}
          data={['GET', 'POST']}
          value={tool.method}
          onChange={(method) => method !== null && onChange({ method })}
        />
        <div className={css.grow}>
          <Draft label={t('agents.tools.url')} value={tool.url} placeholder="https://" onApply={(url) => onChange({ url })} />
        </div>
        <NumberInput
          w={110}
          label={t('agents.tools.timeout')}
          suffix=" ms"
          min={100}
          max={60_000}
          step={500}
          value={tool.timeoutMs}
          onChange={(value) => typeof value === 'number' && onChange({ timeoutMs: value })}
        />
      </div>
      <div className="quiet">{t('agents.tools.urlHint')}</div>
      <JsonEditor
        key={JSON.stringify(tool.parameters)}
        label={t('agents.tools.parameters')}
        minRows={4}
        value={tool.parameters}
        onChange={(parameters) => onChange({ parameters })}
      />
      <Textarea
        label={t('agents.tools.headers')}
        description={t('agents.tools.headersHint')}
        placeholder={'Authorization: Bearer ${secret:weather}'}
        classNames={{ input: 'mono' }}
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        error={parsed === null && t('agents.tools.badHeaders')}
        value={headers}
        onChange={(event) => setHeaders(event.currentTarget.value)}
        onBlur={() => parsed !== null && headersText(parsed) !== headersText(tool.headers) && onChange({ headers: parsed })}
      />
      <Switch
        label={t('agents.tools.readOnly')}
        checked={tool.isReadOnly}
        onChange={(event) => onChange({ isReadOnly: event.currentTarget.checked })}
      />
    </>
  );
}

interface DraftProps {
  label: string;
  hint?: string;
  value: string;
  placeholder?: string;
  pattern?: RegExp;
  onApply(value: string): void;
}

/** A text applied when it is left or Enter is pressed, if it fits. */
function Draft({ label, hint, value, placeholder, pattern, onApply }: DraftProps) {
  const [draft, setDraft] = useState(value);
  const fits = pattern?.test(draft) ?? true;
  const apply = (): void => {
    if (fits && draft !== value) onApply(draft);
  };
  return (
    <TextInput
      label={label}
      {...(hint === undefined ? {} : { description: hint })}
      {...(placeholder === undefined ? {} : { placeholder })}
      error={!fits}
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
    />
  );
}
