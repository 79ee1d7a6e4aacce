/** All keys, from the same list that makes them work. */

import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Command, commands } from '../state/commands';
import { helpOpen, setWheelZooms } from '../state/shell';
import { wheelZooms } from '../state/view';
import { IconButton, Keys } from '../widgets/basics';
import { said } from '../state/words';

const OTHER = 'More';

/** Commands with keys, by section, in the order they were registered. */
function sections(): Map<string, Command[]> {
  const all = new Map<string, Command[]>();
  for (const command of commands()) {
    if (command.keys === undefined || command.keys.length === 0) continue;
    const name = command.section ?? OTHER;
    const list = all.get(name);
    if (list === undefined) all.set(name, [command]);
    else list.push(command);
  }
  return all;
}

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useLayoutEffect(() => {
    const node = dialog.current;
    if (node === null) return;
    if (open && !node.open) node.showModal();
    if (!open && node.open) node.close();
  }, [open]);
  return (
    <dialog
      class="help"
      ref={dialog}
      aria-label="Keys"
      onClose={() => (helpOpen.value = false)}
      onClick={(event) => {
        if (event.target === event.currentTarget) helpOpen.value = false;
      }}
    >
      {open ? (
        <div class="help-body" tabIndex={-1} autofocus>
          <header>
            <h2>Keys and mouse</h2>
            <span class="grow" />
            <IconButton icon="close" label="Close (Esc)" run={() => (helpOpen.value = false)} />
          </header>
          <div class="help-columns">
            {[...sections()].map(([name, list]) => (
              <section key={name}>
                <h3>{name}</h3>
                <dl>
                  {list.map((command) => (
                    <div class="row" key={command.id}>
                      <dt>{said(command.title)}</dt>
                      <dd>
                        {(command.keys ?? []).map((keys, i) => (
                          <span key={keys}>
                            {i > 0 ? <span class="dim"> or </span> : null}
                            <Keys keys={keys} />
                          </span>
                        ))}
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
          <label class="setting">
            <input type="checkbox" checked={wheelZooms.value} onChange={(event) => setWheelZooms(event.currentTarget.checked)} />
            The wheel alone zooms; <Keys keys="Alt+wheel" /> scrolls
          </label>
        </div>
      ) : null}
    </dialog>
  );
}
