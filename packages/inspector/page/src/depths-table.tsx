import type { ShownDepth } from '../../src/wire.ts';
import { act } from './act.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { count } from './format.ts';

interface Props {
  readonly index: number;
  readonly depths: readonly ShownDepth[];
  readonly canAct: boolean;
}

/** How many stored jobs of each name wait, run and have failed, in all processes. */
export function DepthsTable({ index, depths, canAct }: Props) {
  return (
    <div class="scroll">
      <table class="plain">
        <caption>By name</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" class="numeric">
              Waiting
            </th>
            <th scope="col" class="numeric">
              Running
            </th>
            <th scope="col" class="numeric">
              Failed
            </th>
            {canAct && (
              <th scope="col">
                <span class="hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {depths.map(({ name, ready, active, failed, paused }) => (
            <tr key={name}>
              <th scope="row">
                <bdi>{name}</bdi>
                {paused && <span class="badge amber beside">Paused</span>}
              </th>
              <td class="numeric">{count(ready)}</td>
              <td class="numeric">{count(active)}</td>
              <td class={failed > 0 ? 'numeric bad' : 'numeric'}>{count(failed)}</td>
              {canAct && (
                <td class="action">
                  <PauseButton index={index} name={name} paused={paused} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface PauseProps {
  readonly index: number;
  readonly name: string;
  readonly paused: boolean;
}

/** Of a name in all processes, which is not to be undone by accident: to pause asks once more. */
function PauseButton({ index, name, paused }: PauseProps) {
  if (!paused) {
    return (
      <ConfirmButton
        label="Pause"
        about={`${name} in all processes`}
        onConfirm={() =>
          void act(
            { action: 'pause-stored', source: index, name },
            `${name} is paused in all processes; running jobs go on`,
          )
        }
      />
    );
  }
  return (
    <button
      type="button"
      class="small primary"
      aria-label={`Resume ${name} in all processes`}
      onClick={() =>
        void act(
          { action: 'resume-stored', source: index, name },
          `${name} goes on in all processes`,
        )
      }
    >
      Resume
    </button>
  );
}
