// Blocking and tiny: with a script there are tools.
document.documentElement.classList.add("js");
