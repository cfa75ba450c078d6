document.documentElement.dataset.livecaller = 'loaded';
