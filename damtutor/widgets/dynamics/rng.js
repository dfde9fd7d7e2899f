// The generator that Python (damtutor/rng.py) and the browser share: xorshift 13, 17, 5 (Marsaglia 2003).

export class Rng32 {
	constructor(seed = 0) {
		this.x = (Math.imul(seed, 0x9e3779b9) + 0x7f4a7c15) >>> 0 || 0x6d2b79f5;
		// Small seeds start close to each other; let them part.
		for (let k = 0; k < 8; k += 1) this.next();
	}

	next() {
		let x = this.x;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.x = x >>> 0;
		return this.x;
	}

	// n < 2^21, so that the product is exact in a double.
	below(n) {
		return Math.floor((this.next() * n) / 4294967296);
	}

	permutation(n) {
		const order = Array.from({ length: n }, (_, i) => i);
		for (let i = n - 1; i > 0; i -= 1) {
			const j = this.below(i + 1);
			[order[i], order[j]] = [order[j], order[i]];
		}
		return order;
	}

	choose(n, k) {
		return this.permutation(n).slice(0, k);
	}

	signs(n) {
		return Int8Array.from({ length: n }, () => (this.next() >= 2147483648 ? 1 : -1));
	}
}
