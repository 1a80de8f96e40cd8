// Asks a security key what the form says, and sends the form with its answer.
"use strict";
const form = document.getElementById("security-key");
const problem = document.getElementById("security-key-problem");

function tell(text) {
  problem.textContent = text;
  problem.hidden = false;
}

async function answered(options) {
  if (form.dataset.action === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) {
    tell("This browser cannot use security keys.");
    return;
  }
  try {
    form.elements.answer.value = JSON.stringify(await answered(JSON.parse(form.dataset.options)));
    form.submit();
  } catch (error) {
    tell(error.name === "InvalidStateError" ? "This key is registered already." : "The key did not answer. Try again.");
  }
});
