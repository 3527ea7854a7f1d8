import { Button, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { IconPlayerPlayFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { XiaozhiTool } from '../../../../preload/contract/cloud/xiaozhi.ts';
import { useAction } from '../../../lib/actions.ts';
import { JsonText } from '../json-text.tsx';
import css from '../services.module.css';
import { type ArgumentField, argumentFields, firstArguments } from './tool-arguments.ts';

/** The board's own tools (MCP), and a form to call one of them. */
export function ToolCall({ deviceName, tools }: { deviceName: string; tools: readonly XiaozhiTool[] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const tool = tools.find(({ name }) => name === chosen);
  if (tools.length === 0) return <span className="quiet">{t('xiaozhi.noTools')}</span>;
  return (
    <div className={css.form}>
      <Select
        size="xs"
        label={t('xiaozhi.tools', { count: tools.length })}
        placeholder={t('xiaozhi.chooseTool')}
        searchable
        clearable
        value={chosen}
        data={tools.map(({ name, isUserOnly }) => ({ value: name, label: isUserOnly ? `${name} — ${t('xiaozhi.userOnly')}` : name }))}
        onChange={setChosen}
      />
      {tool !== undefined && <CallForm key={tool.name} deviceName={deviceName} tool={tool} />}
    </div>
  );
}

function CallForm({ deviceName, tool }: { deviceName: string; tool: XiaozhiTool }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const fields = argumentFields(tool);
  const [values, setValues] = useState<Record<string, unknown>>(() => firstArguments(fields ?? []));
  const [result, setResult] = useState<string | null>(null);
  const isComplete = (fields ?? []).every(({ name, isRequired, kind }) => !isRequired || kind === 'switch' || values[name] !== undefined);

  async function call(): Promise<void> {
    setResult(null);
    const reply = await run('xiaozhi.callTool', { deviceName, name: tool.name, arguments: values });
    if (reply !== null) setResult(JSON.stringify(reply.result, null, 2) ?? 'null');
  }

  function change(name: string, value: unknown): void {
    const { [name]: _, ...others } = values;
    setValues(value === undefined ? others : { ...others, [name]: value });
  }

  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isComplete) void call();
      }}
    >
      {tool.description !== '' && (
        <div className="quiet" style={{ whiteSpace: 'pre-wrap' }}>
          {tool.description}
        </div>
      )}
      {fields === null ? (
        <JsonText label={t('xiaozhi.arguments')} minRows={3} value={values} onChange={setValues} />
      ) : (
        fields.length > 0 && (
          <div className={css.pair}>
            {fields.map((field) => (
              <Argument key={field.name} field={field} value={values[field.name]} onChange={(value) => change(field.name, value)} />
            ))}
          </div>
        )
      )}
      <div className={css.row}>
        <Button
          size="xs"
          type="submit"
          variant="default"
          disabled={isBusy || !isComplete}
          leftSection={<IconPlayerPlayFilled size={12} aria-hidden />}
        >
          {t('xiaozhi.callTool')}
        </Button>
      </div>
      {result !== null && <pre className={css.code}>{result}</pre>}
    </form>
  );
}

function Argument({ field, value, onChange }: { field: ArgumentField; value: unknown; onChange(value: unknown): void }) {
  const common = { size: 'xs', label: field.name } as const;
  switch (field.kind) {
    case 'switch':
      return <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'number':
      return (
        <NumberInput
          {...common}
          withAsterisk={field.isRequired}
          description={field.min === undefined && field.max === undefined ? undefined : `${field.min ?? '…'} – ${field.max ?? '…'}`}
          clampBehavior="none"
          value={typeof value === 'number' ? value : ''}
          onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          withAsterisk={field.isRequired}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
        />
      );
  }
}
