const side = 64;

const ground = 'M9 0h14a9 9 0 0 1 9 9v14a9 9 0 0 1-9 9H4a4 4 0 0 1-4-4V9a9 9 0 0 1 9-9Z';
const wave = 'M8 14v4M12 11v10M16 8v16M20 11v10M24 14v4';

/** The product's mark, on which the number can stand. */
function drawMark(pen: CanvasRenderingContext2D): void {
  pen.save();
  pen.scale(side / 32, side / 32);
  pen.fillStyle = '#0e6656';
  pen.fill(new Path2D(ground));
  pen.strokeStyle = '#ffffff';
  pen.lineWidth = 2.5;
  pen.lineCap = 'round';
  pen.stroke(new Path2D(wave));
  pen.restore();
}

function drawCount(pen: CanvasRenderingContext2D, count: number): void {
  const text = count > 9 ? '9+' : String(count);
  pen.fillStyle = '#b0352a';
  pen.beginPath();
  pen.arc(side - 20, 20, 20, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = '#ffffff';
  pen.font = `700 ${text.length > 1 ? 24 : 30}px system-ui, sans-serif`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(text, side - 20, 22);
}

function linkOf(page: Document): HTMLLinkElement {
  const known = page.querySelector<HTMLLinkElement>('link[rel~="icon"]');
  if (known) return known;
  const link = page.createElement('link');
  link.rel = 'icon';
  page.head.append(link);
  return link;
}

/** Keeps the number of unread messages on the tab's icon; 0 gives the page its own icon back. */
export function createFavicon(page: Document): (count: number) => void {
  const link = linkOf(page);
  const original = link.getAttribute('href');
  let shown = '';
  let latest = 0;

  function show(address: string): void {
    if (shown) URL.revokeObjectURL(shown);
    shown = address;
    link.type = 'image/png';
    link.href = address;
  }

  return (count) => {
    latest = count;
    const canvas = page.createElement('canvas');
    canvas.width = canvas.height = side;
    const pen = canvas.getContext('2d');
    if (!pen) return;
    if (count === 0 && original) {
      link.href = original;
      return;
    }
    drawMark(pen);
    if (count > 0) drawCount(pen, count);
    canvas.toBlob((blob) => {
      if (blob && latest === count) show(URL.createObjectURL(blob));
    });
  };
}
