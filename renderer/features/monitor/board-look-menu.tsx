import { Button, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PortColour, PortInfo } from '../../../preload/contract/ports.ts';
import { useAction } from '../../lib/actions.ts';
import { type BoardFace, boardColours, givenColours } from './board-looks.ts';
import css from './popover.module.css';

export interface BoardLookMenuProps {
  port: PortInfo;
  face: BoardFace;
  label: string;
  onChanged(): void;
}

/** The colour of a board; behind it, its name and colour to be changed. They stay with the board, whatever port it comes back on. */
export function BoardLookMenu({ port, face, label, onChanged }: BoardLookMenuProps) {
  const { t } = useTranslation();
  const { run } = useAction();
  const [isShown, setShown] = useState(false);
  const [name, setName] = useState('');

  async function give(look: { name?: string; colour?: PortColour | null }): Promise<void> {
    const identity = port.identity ?? port.address;
    const done = await run('ports.name', { identity, name: look.name ?? port.name ?? '', colour: look.colour ?? port.colour ?? null });
    if (done !== null) onChanged();
  }

  return (
    <Popover opened={isShown} onChange={setShown} position="bottom-start" withArrow trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={css.swatch}
          style={{ background: boardColours[face.colour], width: 12, height: 12 }}
          aria-label={t('monitor.board.look', { name: label })}
          title={t('monitor.board.look', { name: label })}
          onClick={() => {
            setName(port.name ?? '');
            setShown(!isShown);
          }}
        />
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 250 }}>
        <form
          className={css.row}
          onSubmit={(event) => {
            event.preventDefault();
            setShown(false);
            void give({ name: name.trim() });
          }}
        >
          <TextInput
            className={css.grow}
            aria-label={t('monitor.board.name')}
            placeholder={face.name}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default">
            {t('monitor.board.save')}
          </Button>
        </form>
        <section className={css.row} aria-label={t('monitor.board.colour')}>
          {givenColours.map((colour) => (
            <button
              key={colour}
              type="button"
              className={css.swatch}
              style={{ background: boardColours[colour] }}
              aria-label={t(`monitor.colour.${colour}`)}
              aria-pressed={face.colour === colour}
              onClick={() => void give({ colour })}
            />
          ))}
        </section>
      </Popover.Dropdown>
    </Popover>
  );
}
