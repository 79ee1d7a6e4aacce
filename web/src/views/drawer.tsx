/** The drawer at the side: span, range, and the page of a goroutine. */

import type { ComponentChildren } from 'preact';
import { closePage } from '../state/navigate';
import { type DrawerTab, LEAST_DRAWER, drawerOpen, drawerTab, drawerWidth, resizeDrawer } from '../state/shell';
import { page, range, selection } from '../state/view';
import { IconButton } from '../widgets/basics';
import { GoroutinePanel } from './goroutine_panel';
import { RangePanel } from './range_panel';
import { words } from '../state/words';
import { SpanPanel } from './span_panel';

export function Drawer() {
  if (!drawerOpen.value) return null;
  const tab = drawerTab.value;
  const place = page.value;
  return (
    <aside class="drawer" style={{ '--drawer': `${drawerWidth.value}px` }} aria-label="Details">
      <Edge />
      <div class="tabs">
        <div class="tab-list" role="tablist" aria-label="Details">
          <Tab id="span" now={tab} dot={selection.value !== null}>
            Span
          </Tab>
          <Tab id="range" now={tab} dot={range.value !== null}>
            Range
          </Tab>
          {place.kind !== 'goroutine' ? null : (
            <Tab id="page" now={tab} dot={false}>
              {words.value.goroutine_title}
            </Tab>
          )}
        </div>
        <span class="grow" />
        {tab === 'page' && place.kind === 'goroutine' ? <IconButton icon="close" label="Close this page" run={closePage} /> : <IconButton icon="close" label="Close the drawer (Q)" run={() => (drawerOpen.value = false)} />}
      </div>
      <div class="panel" role="tabpanel" id="drawer-panel" tabIndex={-1}>
        {tab === 'span' ? <SpanPanel /> : null}
        {tab === 'range' ? <RangePanel /> : null}
        {tab === 'page' ? <GoroutinePanel /> : null}
      </div>
    </aside>
  );
}

function Tab(props: { readonly id: DrawerTab; readonly now: DrawerTab; readonly dot: boolean; readonly children: ComponentChildren }) {
  return (
    <button
      type="button"
      role="tab"
      class={props.dot ? 'tab dot' : 'tab'}
      aria-selected={props.id === props.now}
      aria-controls="drawer-panel"
      data-tab={props.id}
      onClick={() => (drawerTab.value = props.id)}
    >
      {props.children}
    </button>
  );
}

/** The edge that is dragged, or moved with the arrow keys, to make the drawer wider. */
function Edge() {
  return (
    <div
      class="edge"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the drawer"
      aria-valuenow={drawerWidth.value}
      aria-valuemin={LEAST_DRAWER}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) resizeDrawer(window.innerWidth - event.clientX);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        event.stopPropagation();
        event.preventDefault();
        resizeDrawer(drawerWidth.peek() + (event.key === 'ArrowLeft' ? 24 : -24));
      }}
    />
  );
}
