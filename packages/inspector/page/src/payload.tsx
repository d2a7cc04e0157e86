/** What a stored job was given, as far as it may be seen. */
export function Payload({ text }: { readonly text: string }) {
  return (
    <pre class="payload" tabIndex={0} aria-label="Payload">
      <bdi>{text}</bdi>
    </pre>
  );
}
